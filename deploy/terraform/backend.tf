# Where Terraform keeps its state. Bucket and region come from the command line:
#   terraform init -backend-config=bucket=my-terraform-state -backend-config=region=eu-central-1
terraform {
  backend "s3" {
    key          = "hubkeep/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
