# The vault's bucket: private, encrypted, versioned. Nothing in it is deleted by age but what `expirations` names.

resource "aws_s3_bucket" "vault" {
  count = var.create_bucket ? 1 : 0

  bucket              = var.bucket_name
  object_lock_enabled = var.object_lock != null

  # A destroy or a replacement would first take its versions, policy and lifecycle away, and only then fail.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "vault" {
  count = var.create_bucket ? 1 : 0

  bucket                  = aws_s3_bucket.vault[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "vault" {
  count = var.create_bucket ? 1 : 0

  bucket = aws_s3_bucket.vault[0].id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "vault" {
  count = var.create_bucket ? 1 : 0

  bucket = aws_s3_bucket.vault[0].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "vault" {
  count = var.create_bucket ? 1 : 0

  bucket = aws_s3_bucket.vault[0].id
  rule {
    # One key for the bucket instead of one for each object: a hundredth of the calls to KMS.
    bucket_key_enabled = var.kms_key_arn != null
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.bucket_arn, "${local.bucket_arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "vault" {
  count = var.create_bucket ? 1 : 0

  bucket     = aws_s3_bucket.vault[0].id
  policy     = data.aws_iam_policy_document.bucket.json
  depends_on = [aws_s3_bucket_public_access_block.vault]
}

resource "aws_s3_bucket_lifecycle_configuration" "vault" {
  count = var.create_bucket ? 1 : 0

  bucket     = aws_s3_bucket.vault[0].id
  depends_on = [aws_s3_bucket_versioning.vault]

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = var.unfinished_uploads_days
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = var.old_versions_days
    }
    expiration {
      expired_object_delete_marker = true
    }
  }

  dynamic "rule" {
    for_each = var.transitions
    content {
      id     = "transition-${trimsuffix(rule.value.folder, "/")}-${lower(rule.value.storage_class)}"
      status = "Enabled"
      filter {
        and {
          prefix = "${local.folder}${rule.value.folder}"
          # Smaller ones are billed as if they had this size.
          object_size_greater_than = 131072
        }
      }
      transition {
        days          = rule.value.days
        storage_class = rule.value.storage_class
      }
    }
  }

  dynamic "rule" {
    for_each = var.expirations
    content {
      id     = "expire-${trimsuffix(rule.key, "/")}"
      status = "Enabled"
      filter {
        prefix = "${local.folder}${rule.key}"
      }
      expiration {
        days = rule.value
      }
    }
  }
}
