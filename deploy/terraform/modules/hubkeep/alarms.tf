# Someone is told when a backup failed, was incomplete, was throttled, could not be started or just did not run.

locals {
  metrics_namespace = "hubkeep"
  function          = { FunctionName = aws_lambda_function.hubkeep.function_name }
  state_machine     = { StateMachineArn = aws_sfn_state_machine.backup.arn }

  # More than nothing within an hour is an alarm; no data is none.
  counted = {
    failed = {
      description = "A backup failed or was incomplete: its execution says where."
      namespace   = "AWS/States"
      metric      = "ExecutionsFailed"
      dimensions  = local.state_machine
      statistic   = "Sum"
    }
    took-too-long = {
      description = "A backup was given up after ${var.max_hours} hours."
      namespace   = "AWS/States"
      metric      = "ExecutionsTimedOut"
      dimensions  = local.state_machine
      statistic   = "Sum"
    }
    stopped = {
      description = "Somebody stopped a backup."
      namespace   = "AWS/States"
      metric      = "ExecutionsAborted"
      dimensions  = local.state_machine
      statistic   = "Sum"
    }
    failed-to-start = {
      description = "The schedule could not start the backup: the messages in the queue say why."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = aws_sqs_queue.dead_letters.name }
      statistic   = "Maximum"
    }
    incomplete = {
      description = "Repositories were not saved: the run's report and the function's log name them."
      namespace   = local.metrics_namespace
      metric      = "RepositoriesFailed"
      dimensions  = local.function
      statistic   = "Sum"
    }
    missed = {
      description = "Repositories are not to be seen on GitHub any more, more of them than may go or private ones: the run's report names them; hubkeep backup --accept-gone, if they are meant to be gone."
      namespace   = local.metrics_namespace
      metric      = "RepositoriesMissed"
      dimensions  = local.function
      statistic   = "Sum"
    }
    lost = {
      description = "Objects of the vault are lost or damaged: the function's log names them, and what to do."
      namespace   = local.metrics_namespace
      metric      = "VaultLosses"
      dimensions  = local.function
      statistic   = "Maximum"
    }
    throttled = {
      description = "Lambda refused invocations: too many at once for the account or for reserved_concurrency."
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      dimensions  = local.function
      statistic   = "Sum"
    }
  }
}

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "counted" {
  for_each = local.counted

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 3600
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

# The only one that notices that nothing happens: no data is an alarm.
resource "aws_cloudwatch_metric_alarm" "did_not_run" {
  count = var.schedule_enabled && var.silence_days > 0 ? 1 : 0

  alarm_name          = "${var.name}-did-not-run"
  alarm_description   = "No backup was started for ${var.silence_days} days."
  namespace           = "AWS/States"
  metric_name         = "ExecutionsStarted"
  dimensions          = local.state_machine
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 86400
  evaluation_periods  = var.silence_days
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
