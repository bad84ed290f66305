# The function, what it is told, and where the token is.

variables {
  bucket_name = "acme-vault"
  lambda_zip  = "function.zip"
}

run "the_function_is_a_program_of_our_own_with_a_whole_vcpu_for_15_minutes" {
  assert {
    condition = [
      aws_lambda_function.hubkeep.runtime, aws_lambda_function.hubkeep.handler, one(aws_lambda_function.hubkeep.architectures),
      aws_lambda_function.hubkeep.timeout, aws_lambda_function.hubkeep.memory_size, aws_lambda_function.hubkeep.reserved_concurrent_executions
    ] == ["provided.al2023", "bootstrap", "arm64", 900, 1769, -1]
    error_message = "another function"
  }
}

run "the_token_is_in_the_secret_only" {
  assert {
    condition = aws_lambda_function.hubkeep.environment[0].variables == tomap({
      HUBKEEP_MEMORY    = "442MiB"
      HUBKEEP_SECRET_ID = aws_secretsmanager_secret.github[0].arn
      HUBKEEP_TO        = "s3://acme-vault"
    })
    error_message = "something else is in the environment"
  }
  assert {
    condition     = length(data.aws_secretsmanager_secret_version.existing) == 0
    error_message = "the secret's value is read"
  }
}

run "what_is_asked_for_is_in_the_environment" {
  variables {
    bucket_prefix    = "github/"
    only_owner_repos = true
    zip              = false
    object_lock      = { mode = "governance", retain_days = 30 }
    vault_id         = "0123456789abcdef0123456789abcdef"
    with             = ["lfs", "releases"]
    without          = ["all"]
    settings         = { HUBKEEP_ORG = "acme", HUBKEEP_TO = "s3://another" }
  }
  assert {
    condition = aws_lambda_function.hubkeep.environment[0].variables == tomap({
      BACKUP_ONLY_OWNER_REPOS = "True"
      BACKUP_ZIP              = "False"
      HUBKEEP_MEMORY          = "442MiB"
      HUBKEEP_OBJECT_LOCK     = "governance"
      HUBKEEP_ORG             = "acme"
      HUBKEEP_RETAIN_DAYS     = "30"
      HUBKEEP_SECRET_ID       = aws_secretsmanager_secret.github[0].arn
      HUBKEEP_TO              = "s3://acme-vault/github"
      HUBKEEP_VAULT_ID        = "0123456789abcdef0123456789abcdef"
      HUBKEEP_WITH            = "lfs,releases"
      HUBKEEP_WITHOUT         = "all"
    })
    error_message = jsonencode(aws_lambda_function.hubkeep.environment[0].variables)
  }
}

run "what_is_no_id_of_a_vault_is_refused" {
  command = plan
  variables {
    vault_id = "s3://acme-vault"
  }
  expect_failures = [var.vault_id]
}

run "what_is_no_kind_is_refused" {
  command = plan
  variables {
    with    = ["wikis"]
    without = ["git"]
  }
  expect_failures = [var.with, var.without]
}

run "a_token_among_the_settings_is_refused" {
  command = plan
  variables {
    settings = { TOKEN_GITHUB = "not here" }
  }
  expect_failures = [var.settings]
}

run "credentials_among_the_settings_are_refused" {
  command = plan
  variables {
    settings = { AWS_ACCESS_KEY_ID = "not here" }
  }
  expect_failures = [var.settings]
}

run "a_secret_that_exists_is_read_by_the_function_not_by_terraform" {
  variables {
    create_secret = false
    secret_name   = "prod/github-backup"
  }
  assert {
    condition     = length(aws_secretsmanager_secret.github) == 0 && data.aws_secretsmanager_secret.existing[0].name == "prod/github-backup"
    error_message = "another secret"
  }
  assert {
    condition     = aws_lambda_function.hubkeep.environment[0].variables.HUBKEEP_SECRET_ID == data.aws_secretsmanager_secret.existing[0].arn
    error_message = "the function is told of another one"
  }
  assert {
    condition     = length(data.aws_secretsmanager_secret_version.existing) == 0
    error_message = "its value is read"
  }
}

run "the_secrets_values_are_in_the_environment_where_that_is_asked_for" {
  variables {
    create_secret         = false
    secret_name           = "prod/github-backup"
    secret_in_environment = true
  }
  override_data {
    target = data.aws_secretsmanager_secret_version.existing
    values = { secret_string = "{\"TOKEN_GITHUB\": \"ghp_x\", \"BACKUP_ONLY_OWNER_REPOS\": true, \"HUBKEEP_TO\": \"s3://another\", \"BACKUP_ZIP\": null}" }
  }
  assert {
    condition = aws_lambda_function.hubkeep.environment[0].variables == tomap({
      BACKUP_ONLY_OWNER_REPOS = "true"
      HUBKEEP_MEMORY          = "442MiB"
      HUBKEEP_TO              = "s3://acme-vault"
      TOKEN_GITHUB            = "ghp_x"
    })
    error_message = "another environment"
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.backup.policy, "secretsmanager")
    error_message = "the function may read what it has no need of"
  }
}

run "a_secret_that_is_made_has_no_value_to_hand_over" {
  command = plan
  variables {
    secret_in_environment = true
  }
  expect_failures = [var.secret_in_environment]
}

run "the_zip_of_another_architecture_is_refused" {
  command = plan
  variables {
    lambda_zip = "build/hubkeep-lambda-x86_64.zip"
  }
  expect_failures = [var.lambda_zip]
}

run "another_architecture_is_refused" {
  command = plan
  variables {
    architecture = "riscv64"
  }
  expect_failures = [var.architecture]
}

run "the_log_is_kept_for_90_days" {
  assert {
    condition     = aws_cloudwatch_log_group.function.name == "/aws/lambda/hubkeep" && aws_cloudwatch_log_group.function.retention_in_days == 90
    error_message = "another log"
  }
}
