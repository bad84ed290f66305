# hubkeep on AWS without a server: a schedule starts a state machine, whose steps are one Lambda function, which
# writes into one bucket. One file for each of them; names and ARNs that several files need are here.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.region

  bucket_arn = "arn:${local.partition}:s3:::${var.bucket_name}"
  folder     = trim(var.bucket_prefix, "/") == "" ? "" : "${trim(var.bucket_prefix, "/")}/"
  vault      = trimsuffix("s3://${var.bucket_name}/${local.folder}", "/")

  # From its name, because its role has to name it before it exists.
  state_machine_arn = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${var.name}"
  executions_arn    = "arn:${local.partition}:states:${local.region}:${local.account}:execution:${var.name}"
}

# Who may take a role on: one service, and only for this account.
data "aws_iam_policy_document" "assume" {
  for_each = toset(["lambda", "scheduler", "states"])

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
    # Lambda does not say for which account it asks.
    dynamic "condition" {
      for_each = each.key == "lambda" ? [] : [local.account]
      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}
