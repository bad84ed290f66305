# plan, then a map over the plan's batches, then finish: for accounts that one invocation cannot finish.

locals {
  # What has nothing to do with the work itself.
  retry = {
    ErrorEquals = [
      "Lambda.ServiceException",
      "Lambda.AWSLambdaException",
      "Lambda.SdkClientException",
      "Lambda.ClientExecutionTimeoutException",
    ]
    IntervalSeconds = 2
    MaxAttempts     = 6
    BackoffRate     = 2
    JitterStrategy  = "FULL"
  }
  # Until one of those that are under way has ended: each of them may take an invocation's 15 minutes.
  retry_throttled = {
    ErrorEquals     = ["Lambda.TooManyRequestsException"]
    IntervalSeconds = 5
    MaxDelaySeconds = 300
    MaxAttempts     = 300
    BackoffRate     = 2
    JitterStrategy  = "FULL"
  }
  # GitHub counts by the hour; an invocation that has waited for it to its end is the first quarter of that.
  retry_rate_limited = {
    ErrorEquals     = ["Hubkeep.RateLimited"]
    IntervalSeconds = 600
    MaxAttempts     = 6
    BackoffRate     = 1
  }
  # GitHub, S3 or the network: after all that hubkeep itself has tried again, or silent until the time was over.
  retry_transient = {
    ErrorEquals     = ["Hubkeep.Transient", "Hubkeep.Cancelled"]
    IntervalSeconds = 60
    MaxAttempts     = 4
    BackoffRate     = 3
  }
}

resource "aws_sfn_state_machine" "backup" {
  name     = var.name
  role_arn = aws_iam_role.state_machine.arn
  type     = "STANDARD" # a step may take 15 minutes, express ones end after five
  definition = templatefile("${path.module}/state_machine.asl.json", {
    partition       = local.partition
    function        = aws_lambda_function.hubkeep.arn
    retry           = "${jsonencode(local.retry_throttled)}, ${jsonencode(local.retry)}"
    retry_waiting   = "${jsonencode(local.retry_rate_limited)}, ${jsonencode(local.retry_transient)}"
    timeout_seconds = var.max_hours * 3600
    # A little more than the function has: an answer that is lost is not waited for.
    task_seconds = var.timeout_seconds + 60
  })

  # What failed, and of what. The history of an execution has the rest.
  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.state_machine.arn}:*"
    include_execution_data = false
    level                  = "ERROR"
  }

  depends_on = [aws_iam_role_policy.state_machine]
}

resource "aws_cloudwatch_log_group" "state_machine" {
  name              = "/aws/vendedlogs/states/${var.name}" # AWS: with this prefix, its policy for log delivery stays short
  retention_in_days = var.log_retention_days
}

data "aws_iam_policy_document" "state_machine" {
  statement {
    sid       = "Steps"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.hubkeep.arn]
  }

  statement {
    sid       = "ReadThePlan"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${local.folder}runs/*"]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "Key"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }

  # A distributed map runs each batch as an execution of the same state machine.
  statement {
    sid       = "StartBatches"
    actions   = ["states:StartExecution"]
    resources = [local.state_machine_arn]
  }

  statement {
    sid       = "FollowBatches"
    actions   = ["states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"]
    resources = ["${local.executions_arn}:*", "${local.executions_arn}/*:*"]
  }

  # AWS, "Logging using CloudWatch Logs": log delivery knows no narrower resource.
  statement {
    sid = "DeliverLog"
    actions = [
      "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "state_machine" {
  name               = "${var.name}-state-machine"
  assume_role_policy = data.aws_iam_policy_document.assume["states"].json
}

resource "aws_iam_role_policy" "state_machine" {
  name   = "steps"
  role   = aws_iam_role.state_machine.id
  policy = data.aws_iam_policy_document.state_machine.json
}
