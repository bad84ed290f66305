# The secret with the token. Its value is put there by hand (the README says how), so that Terraform never sees it.

locals {
  secret_name = coalesce(var.secret_name, "${var.name}/github")
  secret_arn  = var.create_secret ? aws_secretsmanager_secret.github[0].arn : data.aws_secretsmanager_secret.existing[0].arn

  secret_environment = var.secret_in_environment ? {
    for name, value in jsondecode(data.aws_secretsmanager_secret_version.existing[0].secret_string) : name => tostring(value) if value != null
  } : { HUBKEEP_SECRET_ID = local.secret_arn }
}

resource "aws_secretsmanager_secret" "github" {
  count = var.create_secret ? 1 : 0

  name        = local.secret_name
  description = "Settings of hubkeep, as a JSON object: TOKEN_GITHUB and others"
  kms_key_id  = var.kms_key_arn
}

data "aws_secretsmanager_secret" "existing" {
  count = var.create_secret ? 0 : 1

  name = local.secret_name
}

data "aws_secretsmanager_secret_version" "existing" {
  count = var.secret_in_environment ? 1 : 0

  secret_id = data.aws_secretsmanager_secret.existing[0].id
}
