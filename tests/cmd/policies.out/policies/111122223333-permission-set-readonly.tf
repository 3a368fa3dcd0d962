# Policies for arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_ReadOnly_*
# A permission set has one inline policy, which holds in all accounts it is assigned in.

variable "instance_arn-111122223333-permission-set-readonly" {
  type = string
  description = "The Identity Center instance"
}

variable "permission_set_arn-111122223333-permission-set-readonly" {
  type = string
  description = "The permission set that gets the policy"
}

resource "aws_ssoadmin_permission_set_inline_policy" "policy-1-111122223333-permission-set-readonly" {
  instance_arn = var.instance_arn-111122223333-permission-set-readonly
  permission_set_arn = var.permission_set_arn-111122223333-permission-set-readonly
  inline_policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "S3ListAccount",
      "Effect": "Allow",
      "Action": [
        "s3:ListAllMyBuckets"
      ],
      "Resource": [
        "*"
      ]
    }
  ]
}
POLICY
}
