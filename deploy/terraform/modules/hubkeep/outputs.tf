output "bucket_name" {
  description = "The bucket of the vault."
  value       = var.bucket_name
}

output "vault" {
  description = "The vault, as hubkeep's --from takes it."
  value       = local.vault
}

output "secret_arn" {
  description = "The secret whose value holds TOKEN_GITHUB."
  value       = local.secret_arn
}

output "function_name" {
  description = "The function."
  value       = aws_lambda_function.hubkeep.function_name
}

output "backup_role_arn" {
  description = "The role that the function has."
  value       = aws_iam_role.backup.arn
}

output "state_machine_arn" {
  description = "The state machine: `aws stepfunctions start-execution --state-machine-arn …` backs up at once."
  value       = aws_sfn_state_machine.backup.arn
}

output "state_machine_definition" {
  description = "The state machine in Amazon States Language."
  value       = aws_sfn_state_machine.backup.definition
}

output "log_group_name" {
  description = "Where the function's log is."
  value       = aws_cloudwatch_log_group.function.name
}

output "alarm_topic_arn" {
  description = "The topic of the alarms, for subscriptions other than e-mail."
  value       = aws_sns_topic.alarms.arn
}

output "dead_letter_queue_url" {
  description = "Where starts that failed are."
  value       = aws_sqs_queue.dead_letters.url
}
