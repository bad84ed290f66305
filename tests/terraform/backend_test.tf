# Beside deploy/terraform/backend.tf: while this is applied, a second Terraform must not get the state's lock.

resource "terraform_data" "any" {
  provisioner "local-exec" {
    command = "! terraform plan -no-color >second.log 2>&1"
  }
}
