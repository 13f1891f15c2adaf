module "ching" {
  source   = "./modules/vm"
  hostname = "ching"
  vm_id    = 101
  vm_ip    = "192.0.2.94/24"
  vm_mac   = var.ching_mac
  cores    = 4
}
