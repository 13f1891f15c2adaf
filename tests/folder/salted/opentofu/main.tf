terraform {
  required_version = ">= 1.8"
}
/* a block
   of words { */
module "ching" {
  source   = "./modules/vm"
  hostname = "ching"
  vm_id    = 201
  vm_ip    = "192.0.2.11/24"
  vm_mac   = var.ching_mac # its own
  cores    = 4
  ram_mb   = 8192
  disk_gb  = 64
  tags     = ["swarm", "manager"]
}
output "x" {
  value = <<-EOT
    { not a block
  EOT
}
