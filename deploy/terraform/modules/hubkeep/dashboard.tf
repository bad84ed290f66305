# What was saved, how the runs ended, what the function did.

locals {
  by_function = ["FunctionName", aws_lambda_function.hubkeep.function_name]
  by_machine  = ["StateMachineArn", aws_sfn_state_machine.backup.arn]

  charts = [
    {
      title   = "Repositories"
      metrics = [for name in ["RepositoriesDone", "RepositoriesFailed"] : concat([local.metrics_namespace, name], local.by_function)]
    },
    {
      title   = "Bytes written"
      metrics = [concat([local.metrics_namespace, "Bytes"], local.by_function)]
    },
    {
      title   = "Requests to GitHub"
      metrics = [concat([local.metrics_namespace, "Requests"], local.by_function)]
    },
    {
      title   = "Runs"
      metrics = [for name in ["ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"] : concat(["AWS/States", name], local.by_machine)]
    },
    {
      title   = "Invocations"
      metrics = [for name in ["Invocations", "Errors", "Throttles"] : concat(["AWS/Lambda", name], local.by_function)]
    },
    {
      title   = "Milliseconds of invocations"
      metrics = [concat(["AWS/Lambda", "Duration"], local.by_function)]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "hubkeep" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for index, chart in local.charts : {
      type   = "metric"
      x      = index % 3 * 8
      y      = floor(index / 3) * 6
      width  = 8
      height = 6
      properties = {
        title   = chart.title
        metrics = chart.metrics
        region  = local.region
        stat    = "Sum"
        period  = 86400
      }
    }]
  })
}
