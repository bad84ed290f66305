# When it runs, in which steps, and who is told when it does not.

variables {
  bucket_name = "acme-vault"
  lambda_zip  = "function.zip"
  alarm_email = "ops@example.com"
}

run "the_state_machine_is_started_every_day_within_an_hour" {
  assert {
    condition = [
      aws_scheduler_schedule.backup.schedule_expression, aws_scheduler_schedule.backup.flexible_time_window[0].mode,
      aws_scheduler_schedule.backup.flexible_time_window[0].maximum_window_in_minutes, aws_scheduler_schedule.backup.state
    ] == ["cron(1 1 * * ? *)", "FLEXIBLE", 60, "ENABLED"]
    error_message = "another schedule"
  }
  assert {
    condition     = aws_scheduler_schedule.backup.target[0].arn == aws_sfn_state_machine.backup.arn
    error_message = "something else is started"
  }
}

run "a_start_that_fails_is_in_the_dead_letter_queue" {
  assert {
    condition     = aws_scheduler_schedule.backup.target[0].dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn
    error_message = "it is lost"
  }
}

run "once_a_month_nobody_waits_for_a_run" {
  variables {
    schedule_expression     = "cron(1 1 1 * ? *)"
    schedule_window_minutes = 0
    silence_days            = 0
  }
  assert {
    condition     = aws_scheduler_schedule.backup.schedule_expression == "cron(1 1 1 * ? *)" && aws_scheduler_schedule.backup.flexible_time_window[0].mode == "OFF"
    error_message = "another schedule"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.did_not_run) == 0
    error_message = "the alarm would always be on"
  }
}

run "cloudwatch_looks_back_for_seven_days_at_most" {
  command = plan
  variables {
    silence_days = 31
  }
  expect_failures = [var.silence_days]
}

run "a_schedule_that_is_none_is_refused" {
  command = plan
  variables {
    schedule_expression = "1 1 * * *"
  }
  expect_failures = [var.schedule_expression]
}

run "the_steps_are_plan_batches_finish" {
  assert {
    condition = [
      jsondecode(aws_sfn_state_machine.backup.definition).States.Plan.Parameters.Payload.action,
      jsondecode(aws_sfn_state_machine.backup.definition).States.Batches.ItemSelector.action,
      jsondecode(aws_sfn_state_machine.backup.definition).States.Finish.Parameters.Payload.action,
    ] == ["plan", "backup-repositories", "finish"]
    error_message = "other steps"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.backup.definition).TimeoutSeconds == 72000
    error_message = "another time-out"
  }
  assert {
    condition = [
      jsondecode(aws_sfn_state_machine.backup.definition).States.Plan.TimeoutSeconds,
      jsondecode(aws_sfn_state_machine.backup.definition).States.Batches.ItemProcessor.States["Back up"].TimeoutSeconds,
      jsondecode(aws_sfn_state_machine.backup.definition).States.Finish.TimeoutSeconds,
    ] == [960, 960, 960]
    error_message = "a step waits longer than the function may take"
  }
}

run "batches_are_read_from_s3_and_run_on_their_own" {
  assert {
    condition     = jsondecode(aws_sfn_state_machine.backup.definition).States.Batches.ItemProcessor.ProcessorConfig == { Mode = "DISTRIBUTED", ExecutionType = "STANDARD" }
    error_message = "not a distributed map"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.backup.definition).States.Batches.ItemReader.Resource == "arn:aws:states:::s3:getObject"
    error_message = "not from S3"
  }
}

run "a_batch_that_fails_stops_neither_the_others_nor_finish" {
  assert {
    condition = [
      jsondecode(aws_sfn_state_machine.backup.definition).States.Batches.ToleratedFailurePercentage,
      jsondecode(aws_sfn_state_machine.backup.definition).States.Batches.Catch[0].Next,
    ] == [100, "Finish"]
    error_message = "finish is not reached"
  }
}

run "what_the_map_failed_of_is_what_the_run_fails_of" {
  assert {
    condition     = jsondecode(aws_sfn_state_machine.backup.definition).States.Batches.Catch[0].ResultPath == "$.map"
    error_message = "it is thrown away"
  }
  assert {
    condition     = endswith(jsondecode(aws_sfn_state_machine.backup.definition).States["Map failed"].CausePath, "{}: {}', $.map.Error, $.map.Cause)")
    error_message = "it is not named"
  }
}

run "the_state_machine_logs_what_fails_without_any_data" {
  assert {
    condition = aws_sfn_state_machine.backup.logging_configuration[0] == {
      log_destination        = "${aws_cloudwatch_log_group.state_machine.arn}:*"
      include_execution_data = false
      level                  = "ERROR"
    } && aws_cloudwatch_log_group.state_machine.retention_in_days == 90
    error_message = "another log"
  }
}

run "each_alarm_reaches_the_topic_and_the_topic_an_address" {
  assert {
    condition = sort([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.counted), aws_cloudwatch_metric_alarm.did_not_run) :
      alarm.alarm_name if one(alarm.alarm_actions) == aws_sns_topic.alarms.arn
      ]) == tolist([
      "hubkeep-did-not-run", "hubkeep-failed", "hubkeep-failed-to-start", "hubkeep-incomplete", "hubkeep-lost", "hubkeep-missed", "hubkeep-stopped", "hubkeep-throttled", "hubkeep-took-too-long"
    ])
    error_message = "other alarms"
  }
  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "ops@example.com" && aws_sns_topic_subscription.email[0].protocol == "email"
    error_message = "nobody is told"
  }
}

run "only_silence_counts_missing_data_as_an_alarm" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.did_not_run[0].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.did_not_run[0].evaluation_periods == 2
    error_message = "silence is no alarm"
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.counted : alarm.treat_missing_data == "notBreaching"])
    error_message = "the others are, without any run"
  }
}

run "each_bad_end_of_a_run_is_an_alarm" {
  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.counted : name => alarm.metric_name
      if alarm.dimensions == tomap({ StateMachineArn = aws_sfn_state_machine.backup.arn })
    } == { failed = "ExecutionsFailed", took-too-long = "ExecutionsTimedOut", stopped = "ExecutionsAborted" }
    error_message = "one of them is missing"
  }
}

run "nobody_is_told_without_an_address" {
  variables {
    alarm_email = null
  }
  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "an address from nowhere"
  }
}

run "the_dashboard_shows_six_charts" {
  assert {
    condition = [for widget in jsondecode(aws_cloudwatch_dashboard.hubkeep.dashboard_body).widgets : widget.properties.title] == [
      "Repositories", "Bytes written", "Requests to GitHub", "Runs", "Invocations", "Milliseconds of invocations"
    ]
    error_message = "other charts"
  }
}
