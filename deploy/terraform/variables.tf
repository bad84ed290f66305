# The module's variables (modules/hubkeep/variables.tf has their defaults and rules; null takes the default), and
# the region.

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "name" {
  description = "What the function, the state machine, the roles and the alarms are called."
  type        = string
  default     = null
}

variable "bucket_name" {
  description = "The bucket of the vault. It is made unless create_bucket is false."
  type        = string
}

variable "lambda_zip" {
  description = "Path of the function's zip, as `scripts/package-lambda --arm64` makes it, or as a release has it."
  type        = string
}

variable "alarm_email" {
  description = "Who is told when a backup fails or does not run. AWS asks that address to confirm. Null: nobody; the topic is there all the same."
  type        = string
  default     = null
}

variable "create_bucket" {
  description = "Make the bucket. False: it exists, and its encryption, versions, policy and lifecycle are its owner's."
  type        = bool
  default     = null
}

variable "bucket_prefix" {
  description = "Where in the bucket the vault begins. Empty: at its top."
  type        = string
  default     = null
}

variable "vault_id" {
  description = "The id of the vault, which the answer of the first backup has. No other is written to, and none is made in a bucket that was emptied. Null: any."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts bucket and secret. Null: S3's own keys (AES256), and AWS's key for secrets."
  type        = string
  default     = null
}

variable "object_lock" {
  description = "Nobody can delete what is saved before that many days are over. Only for a bucket that has object lock from its beginning."
  type = object({
    mode        = string
    retain_days = number
  })
  default = null
}

variable "transitions" {
  description = "When objects over 128 KiB go to another storage class, by folder of the vault. Only zip/ may go to a class that has to be thawed: every backup reads what is in repos/."
  type = list(object({
    folder        = string
    storage_class = string
    days          = number
  }))
  default = null
}

variable "expirations" {
  description = "After how many days objects are deleted, by folder of the vault. Only zip/, runs/, drills/ and doctor/: bundles in repos/ build on older ones."
  type        = map(number)
  default     = null
}

variable "old_versions_days" {
  description = "How long a replaced or deleted object can still be brought back."
  type        = number
  default     = null
}

variable "unfinished_uploads_days" {
  description = "When the parts of an upload that was never finished are deleted."
  type        = number
  default     = null
}

variable "create_secret" {
  description = "Make the secret, without a value. False: it exists under secret_name."
  type        = bool
  default     = null
}

variable "secret_name" {
  description = "The secret in Secrets Manager that holds TOKEN_GITHUB and, if wanted, other settings. Null: the name, and /github."
  type        = string
  default     = null
}

variable "secret_in_environment" {
  description = "Read the secret now and hand its values to the function as environment variables. They are then in Terraform's state and can be read by whoever may read the function's configuration. False: the function reads the secret when it runs."
  type        = bool
  default     = null
}

variable "architecture" {
  description = "Of the function, and of the zip."
  type        = string
  default     = null
}

variable "memory_mb" {
  description = "Memory of the function in MB. 1769 is where it has one whole vCPU."
  type        = number
  default     = null
}

variable "timeout_seconds" {
  description = "How long one invocation may take. What it cannot finish goes to the next."
  type        = number
  default     = null
}

variable "reserved_concurrency" {
  description = "How many invocations at once are set aside for the function, and are its limit. -1: the account's. New accounts have too few to set any aside."
  type        = number
  default     = null
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
}

variable "without" {
  description = "What not to keep, in the same words; what stands in `with` is kept. Null: as the secret says."
  type        = list(string)
  default     = null
}

variable "settings" {
  description = "Further settings of the backup, by the names of their environment variables: { HUBKEEP_ORG = \"acme\" }."
  type        = map(string)
  default     = null
}

variable "log_retention_days" {
  description = "How long the function's log is kept."
  type        = number
  default     = null
}

variable "schedule_expression" {
  description = "When to back up, for EventBridge Scheduler: cron(…) or rate(…)."
  type        = string
  default     = null
}

variable "schedule_timezone" {
  description = "The time zone of the schedule."
  type        = string
  default     = null
}

variable "schedule_window_minutes" {
  description = "The backup begins at some moment within so many minutes. 0: at once."
  type        = number
  default     = null
}

variable "schedule_enabled" {
  description = "False: nothing runs by itself, and no alarm misses it."
  type        = bool
  default     = null
}

variable "silence_days" {
  description = "After how many days without a run the alarm goes off. CloudWatch looks back for 7 days at most: 0, no such alarm, for a schedule with longer pauses."
  type        = number
  default     = null
}

variable "max_hours" {
  description = "After how many hours a run is given up."
  type        = number
  default     = null
}
