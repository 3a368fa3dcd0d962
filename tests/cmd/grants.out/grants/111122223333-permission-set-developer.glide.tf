# Elevation of arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Developer_*
# from 2099-02-14T09:00:00Z until 2099-02-14T10:30:00Z

resource "commonfate_access_rule" "jit-111122223333-permission-set-developer" {
  name = "Jit-Developer-26292391"
  description = "Just-in-time elevation until 2099-02-14T10:30:00Z, ticket INC-42"
  groups = [
    "<group-that-may-ask>"
  ]
  approval = {
    groups = [
      "<group-that-approves>"
    ]
  }
  target = [
    {
      field = "accountId"
      value = [
        "111122223333"
      ]
    },
    {
      field = "permissionSetArn"
      value = [
        "<permission-set-arn>"
      ]
    }
  ]
  target_provider_id = "aws-sso-v2"
  duration = "5400"
}
