variable "ching_mac" {
  type = string
  default = "00:00:5e:00:53:01"
}
variable "n" { default = 1 }
