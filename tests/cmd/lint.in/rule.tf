resource "commonfate_access_rule" "orders" {
  name               = "jit-orders"
  groups             = ["orders-team"]
  approval           = { groups = [] }
  target             = [{ field = "accountId", value = ["111122223333"] }]
  target_provider_id = "aws-sso-v2"
  duration           = "86400"
}
