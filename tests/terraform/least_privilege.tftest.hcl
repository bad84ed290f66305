# What the roles may do, and where.

variables {
  bucket_name   = "acme-vault"
  bucket_prefix = "github"
  lambda_zip    = "function.zip"
}

run "the_backup_role_lists_reads_and_writes_its_part_of_the_bucket" {
  assert {
    condition = { for each in jsondecode(aws_iam_role_policy.backup.policy).Statement : each.Sid => [each.Action, each.Resource] } == {
      List         = [["s3:ListBucket", "s3:ListBucketMultipartUploads"], "arn:aws:s3:::acme-vault"]
      ReadAndWrite = [["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"], "arn:aws:s3:::acme-vault/github/*"]
      Secret       = ["secretsmanager:GetSecretValue", aws_secretsmanager_secret.github[0].arn]
      Log          = [["logs:CreateLogStream", "logs:PutLogEvents"], "${aws_cloudwatch_log_group.function.arn}:*"]
    }
    error_message = aws_iam_role_policy.backup.policy
  }
}

run "no_role_deletes_or_may_do_everything" {
  assert {
    condition = alltrue(flatten([
      for policy in [aws_iam_role_policy.backup.policy, aws_iam_role_policy.state_machine.policy, aws_iam_role_policy.schedule.policy] : [
        for statement in jsondecode(policy).Statement : [
          for action in flatten([statement.Action]) : !strcontains(action, "Delete") && !strcontains(action, "*") && statement.Resource != "*"
        ] if statement.Sid != "DeliverLog"
      ]
    ]))
    error_message = "a role can delete, or has a wildcard"
  }
}

run "the_state_machine_invokes_reads_the_plan_and_runs_its_own_batches" {
  assert {
    condition = { for each in jsondecode(aws_iam_role_policy.state_machine.policy).Statement : each.Sid => [each.Action, each.Resource] } == {
      Steps         = ["lambda:InvokeFunction", aws_lambda_function.hubkeep.arn]
      ReadThePlan   = ["s3:GetObject", "arn:aws:s3:::acme-vault/github/runs/*"]
      StartBatches  = ["states:StartExecution", "arn:aws:states:eu-central-1:123456789012:stateMachine:hubkeep"]
      FollowBatches = [["states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"], ["arn:aws:states:eu-central-1:123456789012:execution:hubkeep/*:*", "arn:aws:states:eu-central-1:123456789012:execution:hubkeep:*"]]
      DeliverLog = [[
        "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"
      ], "*"]
    }
    error_message = aws_iam_role_policy.state_machine.policy
  }
}

run "the_schedule_starts_that_state_machine_only" {
  assert {
    condition = { for each in jsondecode(aws_iam_role_policy.schedule.policy).Statement : each.Sid => [each.Action, each.Resource] } == {
      Start       = ["states:StartExecution", aws_sfn_state_machine.backup.arn]
      DeadLetters = ["sqs:SendMessage", aws_sqs_queue.dead_letters.arn]
    }
    error_message = aws_iam_role_policy.schedule.policy
  }
}

run "each_role_is_taken_on_by_its_service_for_this_account" {
  assert {
    condition = {
      for name, role in { lambda = aws_iam_role.backup, states = aws_iam_role.state_machine, scheduler = aws_iam_role.schedule } :
      name => jsondecode(role.assume_role_policy).Statement[0].Principal.Service
    } == { lambda = "lambda.amazonaws.com", states = "states.amazonaws.com", scheduler = "scheduler.amazonaws.com" }
    error_message = "another service may take on a role"
  }
  assert {
    condition = alltrue([
      for role in [aws_iam_role.state_machine, aws_iam_role.schedule] :
      jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    ])
    error_message = "another account may take on a role"
  }
}

run "locks_are_set_only_with_object_lock" {
  variables {
    object_lock = { mode = "compliance", retain_days = 30 }
  }
  assert {
    condition = [
      for each in jsondecode(aws_iam_role_policy.backup.policy).Statement : each.Action if each.Sid == "Lock"
    ] == [["s3:GetObjectRetention", "s3:PutObjectRetention"]]
    error_message = aws_iam_role_policy.backup.policy
  }
}

run "a_key_is_used_only_by_way_of_the_two_services" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/one"
  }
  assert {
    condition = [
      for each in jsondecode(aws_iam_role_policy.backup.policy).Statement : [each.Action, each.Resource, each.Condition] if each.Sid == "Key"
      ] == [[
        ["kms:Decrypt", "kms:GenerateDataKey"], "arn:aws:kms:eu-central-1:123456789012:key/one",
        { StringEquals = { "kms:ViaService" = ["s3.eu-central-1.amazonaws.com", "secretsmanager.eu-central-1.amazonaws.com"] } }
    ]]
    error_message = aws_iam_role_policy.backup.policy
  }
  assert {
    condition = [
      for each in jsondecode(aws_iam_role_policy.state_machine.policy).Statement : [each.Action, each.Condition] if each.Sid == "Key"
    ] == [["kms:Decrypt", { StringEquals = { "kms:ViaService" = "s3.eu-central-1.amazonaws.com" } }]]
    error_message = aws_iam_role_policy.state_machine.policy
  }
}
