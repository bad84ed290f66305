output "bucket_name" {
  description = "The bucket of the vault."
  value       = module.hubkeep.bucket_name
}

output "vault" {
  description = "The vault, as hubkeep's --from takes it."
  value       = module.hubkeep.vault
}

output "secret_arn" {
  description = "The secret whose value holds TOKEN_GITHUB."
  value       = module.hubkeep.secret_arn
}

output "function_name" {
  description = "The function."
  value       = module.hubkeep.function_name
}

output "backup_role_arn" {
  description = "The role that the function has."
  value       = module.hubkeep.backup_role_arn
}

output "state_machine_arn" {
  description = "The state machine: `aws stepfunctions start-execution --state-machine-arn …` backs up at once."
  value       = module.hubkeep.state_machine_arn
}

output "log_group_name" {
  description = "Where the function's log is."
  value       = module.hubkeep.log_group_name
}

output "alarm_topic_arn" {
  description = "The topic of the alarms, for subscriptions other than e-mail."
  value       = module.hubkeep.alarm_topic_arn
}

output "dead_letter_queue_url" {
  description = "Where starts that failed are."
  value       = module.hubkeep.dead_letter_queue_url
}
