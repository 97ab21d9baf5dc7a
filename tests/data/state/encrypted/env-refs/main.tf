variable "p" {
  default = "correct-horse-battery-staple"
}
