# Policies for arn:aws:iam::111122223333:role/service/Invoicing

resource "aws_iam_policy" "policy-1-111122223333-role-invoicing" {
  name = "Invoicing-least-privilege"
  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "DynamodbWrite",
      "Effect": "Allow",
      "Action": [
        "dynamodb:UpdateItem"
      ],
      "Resource": [
        "arn:aws:dynamodb:eu-west-1:111122223333:table/invoices"
      ]
    }
  ]
}
POLICY
}

resource "aws_iam_role_policy_attachment" "policy-1-111122223333-role-invoicing" {
  role = "Invoicing"
  policy_arn = aws_iam_policy.policy-1-111122223333-role-invoicing.arn
}
