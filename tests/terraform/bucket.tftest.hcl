# The vault's bucket, and what the lifecycle must never do to it.

variables {
  bucket_name   = "acme-vault"
  bucket_prefix = "/github/"
  lambda_zip    = "function.zip"
}

run "the_bucket_is_private_encrypted_and_versioned" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.vault[0].block_public_acls,
      aws_s3_bucket_public_access_block.vault[0].block_public_policy,
      aws_s3_bucket_public_access_block.vault[0].ignore_public_acls,
      aws_s3_bucket_public_access_block.vault[0].restrict_public_buckets,
    ])
    error_message = "public access"
  }
  assert {
    condition     = aws_s3_bucket_versioning.vault[0].versioning_configuration[0].status == "Enabled"
    error_message = "no versions"
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.vault[0].rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "not encrypted"
  }
  assert {
    condition     = aws_s3_bucket.vault[0].object_lock_enabled == false
    error_message = "object lock that nobody asked for"
  }
}

run "everything_is_refused_without_tls" {
  assert {
    condition = jsondecode(aws_s3_bucket_policy.vault[0].policy).Statement[0] == {
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::acme-vault", "arn:aws:s3:::acme-vault/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
    error_message = aws_s3_bucket_policy.vault[0].policy
  }
}

run "only_zips_and_runs_are_deleted_by_age" {
  assert {
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule : rule.filter[0].prefix => rule.expiration[0].days
      if length(rule.expiration) > 0 && try(rule.expiration[0].days, null) != null
    } == { "github/zip/" = 1825, "github/runs/" = 1825, "github/drills/" = 1825, "github/doctor/" = 30 }
    error_message = "other things are deleted by age"
  }
}

run "objects_over_128_KiB_go_to_GLACIER_IR_after_90_days" {
  assert {
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule :
      rule.filter[0].and[0].prefix => [rule.filter[0].and[0].object_size_greater_than, one(rule.transition).days, one(rule.transition).storage_class]
      if length(rule.transition) > 0
      } == {
      "github/repos/" = [131072, 90, "GLACIER_IR"]
      "github/zip/"   = [131072, 90, "GLACIER_IR"]
    }
    error_message = "other transitions"
  }
}

run "old_versions_and_unfinished_uploads_end" {
  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule : rule.noncurrent_version_expiration[0].noncurrent_days
      if length(rule.noncurrent_version_expiration) > 0
    ] == [90]
    error_message = "old versions"
  }
  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule : rule.abort_incomplete_multipart_upload[0].days_after_initiation
      if length(rule.abort_incomplete_multipart_upload) > 0
    ] == [7]
    error_message = "unfinished uploads"
  }
}

run "zips_may_go_where_they_have_to_be_thawed" {
  variables {
    transitions = [{ folder = "zip/", storage_class = "DEEP_ARCHIVE", days = 30 }]
  }
  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.vault[0].rule : [rule.id, one(rule.transition).storage_class] if length(rule.transition) > 0
    ] == [["transition-zip-deep_archive", "DEEP_ARCHIVE"]]
    error_message = "not as asked for"
  }
}

run "repositories_never_go_where_they_have_to_be_thawed" {
  command = plan
  variables {
    transitions = [{ folder = "repos/", storage_class = "GLACIER", days = 90 }]
  }
  expect_failures = [var.transitions]
}

run "repositories_never_go_to_the_deep_archive_either" {
  command = plan
  variables {
    transitions = [{ folder = "repos/", storage_class = "DEEP_ARCHIVE", days = 365 }]
  }
  expect_failures = [var.transitions]
}

run "a_transition_of_the_whole_vault_is_refused" {
  command = plan
  variables {
    transitions = [{ folder = "", storage_class = "GLACIER_IR", days = 90 }]
  }
  expect_failures = [var.transitions]
}

run "repositories_never_expire" {
  command = plan
  variables {
    expirations = { "repos/" = 1825 }
  }
  expect_failures = [var.expirations]
}

run "the_whole_vault_never_expires" {
  command = plan
  variables {
    expirations = { "" = 1825 }
  }
  expect_failures = [var.expirations]
}

run "an_unknown_lock_is_refused" {
  command = plan
  variables {
    object_lock = { mode = "forever", retain_days = 30 }
  }
  expect_failures = [var.object_lock]
}

run "a_lock_of_no_days_is_refused" {
  command = plan
  variables {
    object_lock = { mode = "governance", retain_days = 0 }
  }
  expect_failures = [var.object_lock]
}

run "a_bucket_with_object_lock_has_it_from_its_beginning" {
  variables {
    object_lock = { mode = "governance", retain_days = 30 }
  }
  assert {
    condition     = aws_s3_bucket.vault[0].object_lock_enabled
    error_message = "no object lock"
  }
}

run "a_key_encrypts_bucket_and_secret" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/one"
  }
  assert {
    condition = one(aws_s3_bucket_server_side_encryption_configuration.vault[0].rule) == merge(
      one(aws_s3_bucket_server_side_encryption_configuration.vault[0].rule),
      { bucket_key_enabled = true }
    )
    error_message = "a call to KMS for each object"
  }
  assert {
    condition = one(aws_s3_bucket_server_side_encryption_configuration.vault[0].rule).apply_server_side_encryption_by_default[0] == {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = "arn:aws:kms:eu-central-1:123456789012:key/one"
    }
    error_message = "another key for the bucket"
  }
  assert {
    condition     = aws_secretsmanager_secret.github[0].kms_key_id == "arn:aws:kms:eu-central-1:123456789012:key/one"
    error_message = "another key for the secret"
  }
}

run "a_bucket_that_exists_is_left_as_it_is" {
  variables {
    create_bucket = false
  }
  assert {
    condition     = length(aws_s3_bucket.vault) + length(aws_s3_bucket_policy.vault) + length(aws_s3_bucket_lifecycle_configuration.vault) == 0
    error_message = "it is changed"
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.backup.policy, "arn:aws:s3:::acme-vault/github/*") && output.vault == "s3://acme-vault/github"
    error_message = "it is not used"
  }
}
