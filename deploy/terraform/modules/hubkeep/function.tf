# The function: the program itself, and what it may do. It can list, read and write its part of the bucket, and can
# delete nothing there.

locals {
  given_settings = {
    BACKUP_ONLY_OWNER_REPOS = var.only_owner_repos == null ? null : title(tostring(var.only_owner_repos))
    BACKUP_ZIP              = var.zip == null ? null : title(tostring(var.zip))
    HUBKEEP_OBJECT_LOCK     = try(var.object_lock.mode, null)
    HUBKEEP_RETAIN_DAYS     = try(tostring(var.object_lock.retain_days), null)
    HUBKEEP_TO              = local.vault
    HUBKEEP_VAULT_ID        = var.vault_id
    HUBKEEP_WITH            = try(join(",", var.with), null)
    HUBKEEP_WITHOUT         = try(join(",", var.without), null)
  }
  # A quarter: as much again and more is needed beside it, for long lists of refs above all.
  memory = { HUBKEEP_MEMORY = "${floor(var.memory_mb / 4)}MiB" }
  # The vault and the lock last: roles and lifecycle are made for them. HUBKEEP_TO also wins against the bucket and
  # the prefix of a secret that the function reads.
  environment = merge(local.secret_environment, local.memory, var.settings, { for name, value in local.given_settings : name => value if value != null })
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "hubkeep" {
  function_name                  = var.name
  description                    = "Backs up GitHub repositories with hubkeep"
  role                           = aws_iam_role.backup.arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  filename                       = var.lambda_zip
  source_code_hash               = filebase64sha256(var.lambda_zip)
  timeout                        = var.timeout_seconds
  memory_size                    = var.memory_mb
  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = local.environment
  }

  # Else the function's first line makes a log group that is kept for ever.
  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.backup]
}

data "aws_iam_policy_document" "backup" {
  # Without a condition on the prefix: S3 would then answer 403 to a read of what is not there, not 404.
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [local.bucket_arn]
  }

  statement {
    sid       = "ReadAndWrite"
    actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = ["${local.bucket_arn}/${local.folder}*"]
  }

  dynamic "statement" {
    for_each = var.object_lock == null ? [] : [1]
    content {
      sid       = "Lock"
      actions   = ["s3:GetObjectRetention", "s3:PutObjectRetention"]
      resources = ["${local.bucket_arn}/${local.folder}*"]
    }
  }

  dynamic "statement" {
    for_each = var.secret_in_environment ? [] : [local.secret_arn]
    content {
      sid       = "Secret"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for service in ["s3", "secretsmanager"] : "${service}.${local.region}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }
}

resource "aws_iam_role" "backup" {
  name               = "${var.name}-backup"
  assume_role_policy = data.aws_iam_policy_document.assume["lambda"].json
}

resource "aws_iam_role_policy" "backup" {
  name   = "backup"
  role   = aws_iam_role.backup.id
  policy = data.aws_iam_policy_document.backup.json
}
