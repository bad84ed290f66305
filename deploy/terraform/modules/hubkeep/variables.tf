# bucket_name and lambda_zip have to be given. Null is every other one's default.

variable "name" {
  description = "What the function, the state machine, the roles and the alarms are called."
  type        = string
  default     = "hubkeep"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$", var.name))
    error_message = "The name has 1 to 48 letters, digits, - and _."
  }
}

variable "bucket_name" {
  description = "The bucket of the vault. It is made unless create_bucket is false."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "A bucket's name has 3 to 63 lower-case letters, digits, - and dots."
  }
}

variable "lambda_zip" {
  description = "Path of the function's zip, as `scripts/package-lambda --arm64` makes it, or as a release has it."
  type        = string
  nullable    = false

  validation {
    condition     = !endswith(var.lambda_zip, var.architecture == "arm64" ? "x86_64.zip" : "arm64.zip")
    error_message = "lambda_zip is for another processor than architecture says."
  }
}

variable "alarm_email" {
  description = "Who is told when a backup fails or does not run. AWS asks that address to confirm. Null: nobody; the topic is there all the same."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^@\\s]+@[^@\\s]+$", var.alarm_email))
    error_message = "alarm_email is no e-mail address."
  }
}

# The vault

variable "create_bucket" {
  description = "Make the bucket. False: it exists, and its encryption, versions, policy and lifecycle are its owner's."
  type        = bool
  default     = true
  nullable    = false
}

variable "bucket_prefix" {
  description = "Where in the bucket the vault begins. Empty: at its top."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._%@/-]*$", var.bucket_prefix)) && !strcontains(var.bucket_prefix, "//")
    error_message = "bucket_prefix may have letters, digits, . _ - % @ and single slashes."
  }
}

variable "vault_id" {
  description = "The id of the vault, which the answer of the first backup has. No other is written to, and none is made in a bucket that was emptied. Null: any."
  type        = string
  default     = null

  validation {
    condition     = var.vault_id == null || can(regex("^[0-9a-f]{32}$", var.vault_id))
    error_message = "vault_id has 32 hexadecimal digits."
  }
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts bucket and secret. Null: S3's own keys (AES256), and AWS's key for secrets."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key, not of an alias."
  }
}

variable "object_lock" {
  description = "Nobody can delete what is saved before that many days are over. Only for a bucket that has object lock from its beginning."
  type = object({
    mode        = string
    retain_days = number
  })
  default = null

  validation {
    condition     = var.object_lock == null || contains(["governance", "compliance"], try(var.object_lock.mode, ""))
    error_message = "object_lock.mode is governance or compliance."
  }
  validation {
    condition     = var.object_lock == null || try(var.object_lock.retain_days >= 1 && floor(var.object_lock.retain_days) == var.object_lock.retain_days, false)
    error_message = "object_lock.retain_days is a whole number of days, at least 1."
  }
}

variable "transitions" {
  description = "When objects over 128 KiB go to another storage class, by folder of the vault. Only zip/ may go to a class that has to be thawed: every backup reads what is in repos/."
  type = list(object({
    folder        = string
    storage_class = string
    days          = number
  }))
  default = [
    { folder = "repos/", storage_class = "GLACIER_IR", days = 90 },
    { folder = "zip/", storage_class = "GLACIER_IR", days = 90 },
  ]
  nullable = false

  validation {
    condition     = alltrue([for each in var.transitions : contains(["repos/", "zip/"], each.folder)])
    error_message = "Only repos/ and zip/ have objects worth a transition."
  }
  validation {
    condition = alltrue([for each in var.transitions :
      contains(["STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR"], each.storage_class) ||
      contains(["GLACIER", "DEEP_ARCHIVE"], each.storage_class) && each.folder == "zip/"
    ])
    error_message = "The class is STANDARD_IA, INTELLIGENT_TIERING or GLACIER_IR; GLACIER and DEEP_ARCHIVE only for zip/, because every backup reads what is in repos/."
  }
  validation {
    condition = alltrue([for each in var.transitions :
      each.days >= (each.storage_class == "STANDARD_IA" ? 30 : 1) && floor(each.days) == each.days
    ])
    error_message = "Days are whole, and at least 30 for STANDARD_IA."
  }
}

variable "expirations" {
  description = "After how many days objects are deleted, by folder of the vault. Only zip/, runs/, drills/ and doctor/: bundles in repos/ build on older ones."
  type        = map(number)
  default     = { "zip/" = 1825, "runs/" = 1825, "drills/" = 1825, "doctor/" = 30 }
  nullable    = false

  validation {
    condition     = alltrue([for folder in keys(var.expirations) : contains(["zip/", "runs/", "drills/", "doctor/"], folder)])
    error_message = "Nothing but zip/, runs/, drills/ and doctor/ may be deleted by age: bundles build on older ones, from whichever snapshot."
  }
  validation {
    condition     = alltrue([for days in values(var.expirations) : days >= 1 && floor(days) == days])
    error_message = "Days are whole, and at least 1."
  }
}

variable "old_versions_days" {
  description = "How long a replaced or deleted object can still be brought back."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.old_versions_days >= 1
    error_message = "At least 1 day."
  }
}

variable "unfinished_uploads_days" {
  description = "When the parts of an upload that was never finished are deleted."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.unfinished_uploads_days >= 2
    error_message = "At least 2 days: an upload may take one."
  }
}

# The secret

variable "create_secret" {
  description = "Make the secret, without a value. False: it exists under secret_name."
  type        = bool
  default     = true
  nullable    = false
}

variable "secret_name" {
  description = "The secret in Secrets Manager that holds TOKEN_GITHUB and, if wanted, other settings. Null: the name, and /github."
  type        = string
  default     = null
}

variable "secret_in_environment" {
  description = "Read the secret now and hand its values to the function as environment variables. They are then in Terraform's state and can be read by whoever may read the function's configuration. False: the function reads the secret when it runs."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.secret_in_environment || !var.create_secret
    error_message = "secret_in_environment needs a secret that has a value: make it first, and set create_secret = false."
  }
}

# The function

variable "architecture" {
  description = "Of the function, and of the zip."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "memory_mb" {
  description = "Memory of the function in MB. 1769 is where it has one whole vCPU."
  type        = number
  default     = 1769
  nullable    = false

  validation {
    condition     = var.memory_mb >= 256 && var.memory_mb <= 10240
    error_message = "256 to 10240 MB."
  }
}

variable "timeout_seconds" {
  description = "How long one invocation may take. What it cannot finish goes to the next."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 120 && var.timeout_seconds <= 900
    error_message = "120 to 900 seconds."
  }
}

variable "reserved_concurrency" {
  description = "How many invocations at once are set aside for the function, and are its limit. -1: the account's. New accounts have too few to set any aside."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 1
    error_message = "-1, or at least 1."
  }
}

variable "only_owner_repos" {
  description = "True: only what the token's user owns, false: also what the user collaborates on. Null: as the secret says."
  type        = bool
  default     = null
}

variable "zip" {
  description = "True: also keep each day's source trees as GitHub zips them, below zip/. Null: as the secret says."
  type        = bool
  default     = null
}

variable "with" {
  description = "What to keep beside histories: wiki, lfs, releases, attachments, issues, events, discussions, settings, gists, starred-gists, all. Null: wiki, lfs, releases, attachments and gists, or as the secret says."
  type        = list(string)
  default     = null

  validation {
    condition     = alltrue([for kind in coalesce(var.with, []) : contains(["wiki", "lfs", "releases", "attachments", "issues", "events", "discussions", "settings", "gists", "starred-gists", "all"], kind)])
    error_message = "Kinds are wiki, lfs, releases, attachments, issues, events, discussions, settings, gists, starred-gists and all."
  }
}

variable "without" {
  description = "What not to keep, in the same words; what stands in `with` is kept. Null: as the secret says."
  type        = list(string)
  default     = null

  validation {
    condition     = alltrue([for kind in coalesce(var.without, []) : contains(["wiki", "lfs", "releases", "attachments", "issues", "events", "discussions", "settings", "gists", "starred-gists", "all"], kind)])
    error_message = "Kinds are wiki, lfs, releases, attachments, issues, events, discussions, settings, gists, starred-gists and all."
  }
}

variable "settings" {
  description = "Further settings of the backup, by the names of their environment variables: { HUBKEEP_ORG = \"acme\" }."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.settings) : !can(regex("TOKEN|APP_KEY|SECRET|PASSWORD", name))])
    error_message = "Tokens and keys belong into the secret, not into settings."
  }
  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[A-Z][A-Z0-9_]*$", name)) && !startswith(name, "AWS_")])
    error_message = "settings has names of environment variables, and none of AWS's own."
  }
}

variable "log_retention_days" {
  description = "How long the function's log is kept."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

# The schedule

variable "schedule_expression" {
  description = "When to back up, for EventBridge Scheduler: cron(…) or rate(…)."
  type        = string
  default     = "cron(1 1 * * ? *)"
  nullable    = false

  validation {
    condition     = can(regex("^(cron|rate)\\(.+\\)$", var.schedule_expression))
    error_message = "The schedule is cron(…) or rate(…)."
  }
}

variable "schedule_timezone" {
  description = "The time zone of the schedule."
  type        = string
  default     = "UTC"
  nullable    = false
}

variable "schedule_window_minutes" {
  description = "The backup begins at some moment within so many minutes. 0: at once."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.schedule_window_minutes >= 0 && var.schedule_window_minutes <= 1440
    error_message = "0 to 1440 minutes."
  }
}

variable "schedule_enabled" {
  description = "False: nothing runs by itself, and no alarm misses it."
  type        = bool
  default     = true
  nullable    = false
}

variable "silence_days" {
  description = "After how many days without a run the alarm goes off. CloudWatch looks back for 7 days at most: 0, no such alarm, for a schedule with longer pauses."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2, 3, 4, 5, 6, 7], var.silence_days)
    error_message = "0 to 7 days."
  }
}

# More than one invocation

variable "max_hours" {
  description = "After how many hours a run is given up."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.max_hours >= 1 && var.max_hours <= 720
    error_message = "1 to 720 hours."
  }
}
