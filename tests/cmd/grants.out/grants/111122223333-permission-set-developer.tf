# Elevation of arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Developer_*
# from 2099-02-14T09:00:00Z until 2099-02-14T10:30:00Z

variable "jit_instance_arn-111122223333-permission-set-developer" {
  type = string
  description = "The Identity Center instance"
}

variable "jit_principal_id-111122223333-permission-set-developer" {
  type = string
  description = "The id of the user or group in the identity store"
}

variable "jit_principal_type-111122223333-permission-set-developer" {
  type = string
  description = "USER or GROUP"
}

variable "jit_target_id-111122223333-permission-set-developer" {
  type = string
  description = "The account it is for"
  default = "111122223333"
}

resource "aws_ssoadmin_permission_set" "jit-111122223333-permission-set-developer" {
  name = "Jit-Developer-26292391"
  description = "Just-in-time elevation until 2099-02-14T10:30:00Z, ticket INC-42"
  instance_arn = var.jit_instance_arn-111122223333-permission-set-developer
  session_duration = "PT2H"
}

resource "aws_ssoadmin_permission_set_inline_policy" "jit-111122223333-permission-set-developer" {
  instance_arn = var.jit_instance_arn-111122223333-permission-set-developer
  permission_set_arn = aws_ssoadmin_permission_set.jit-111122223333-permission-set-developer.arn
  inline_policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "RdsWrite",
      "Effect": "Allow",
      "Action": [
        "rds:CreateDBSnapshot"
      ],
      "Resource": [
        "arn:aws:rds:eu-west-1:111122223333:db:orders"
      ],
      "Condition": {
        "DateGreaterThanEquals": {
          "aws:CurrentTime": [
            "2099-02-14T09:00:00Z"
          ]
        },
        "DateLessThan": {
          "aws:CurrentTime": [
            "2099-02-14T10:30:00Z"
          ]
        },
        "IpAddress": {
          "aws:SourceIp": [
            "203.0.113.24/32"
          ]
        },
        "StringEquals": {
          "aws:RequestedRegion": [
            "eu-west-1"
          ]
        }
      }
    },
    {
      "Sid": "SsmWrite",
      "Effect": "Allow",
      "Action": [
        "ssm:StartSession"
      ],
      "Resource": [
        "arn:aws:ec2:eu-west-1:111122223333:instance/i-0c1d2e3f4a5b69788"
      ],
      "Condition": {
        "DateGreaterThanEquals": {
          "aws:CurrentTime": [
            "2099-02-14T09:00:00Z"
          ]
        },
        "DateLessThan": {
          "aws:CurrentTime": [
            "2099-02-14T10:30:00Z"
          ]
        },
        "IpAddress": {
          "aws:SourceIp": [
            "203.0.113.24/32"
          ]
        },
        "StringEquals": {
          "aws:RequestedRegion": [
            "eu-west-1"
          ]
        }
      }
    }
  ]
}
POLICY
}

resource "aws_ssoadmin_account_assignment" "jit-111122223333-permission-set-developer" {
  instance_arn = var.jit_instance_arn-111122223333-permission-set-developer
  permission_set_arn = aws_ssoadmin_permission_set.jit-111122223333-permission-set-developer.arn
  principal_id = var.jit_principal_id-111122223333-permission-set-developer
  principal_type = var.jit_principal_type-111122223333-permission-set-developer
  target_id = var.jit_target_id-111122223333-permission-set-developer
  target_type = "AWS_ACCOUNT"
}
