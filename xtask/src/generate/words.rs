//! Names of things: what buckets, tables, secrets and tags are called in the generated accounts. JSON
//! text, so a quote comes escaped; early ones come up far more often.

/// The place of a list in `LISTS`.
pub fn list(name: &str) -> Option<usize> {
    LISTS.iter().position(|(list, _)| *list == name)
}

pub const LISTS: &[(&str, &[&str])] = &[
    (
        "bucket",
        &[
            "data-lake-raw-<account>",
            "prod-events-<account>-<region>",
            "prod-assets-<account>",
            "data-lake-curated-<account>",
            "staging-uploads-<account>",
            "terraform-state-<account>",
            "release-artifacts-<account>",
            "access-logs-<account>-<region>",
            "backups-<account>-<region>",
            "ml-training-sets-<account>",
            "aws-cloudtrail-logs-<account>-exampleorg",
            "cf-templates-1a2b3c4d5e6f-<region>",
            "config-bucket-<account>",
            "invoices-<account>",
            "web.example.com",
        ],
    ),
    (
        "key",
        &[
            "events/year=2026/month=01/day=<number:31>/part-<number:100000>-<hex:8>.c000.snappy.parquet",
            "users/<number:250000>/avatar.png",
            "tenants/<number:400>/documents/<uuid>.pdf",
            "assets/app.<hex:8>.js",
            "config/application-prod.yaml",
            "checkpoints/run-<number:60>/step-<number:90000>/model.safetensors",
            "env:/prod/network/terraform.tfstate",
            "exports/daily/2026-01-<number:31>/orders-<number:64>.csv.gz",
            "thumbnails/<hex:2>/<hex:32>_320x240.webp",
            "reports/Q1 \\\"final\\\" résumé <number:90>.docx",
            "fotos/año-2026/niño-<number:3000>.jpg",
            "共有/議事録-<number:900>.md",
            "team-drops/🚀-launch/<number:500>.zip",
            "incoming/back\\\\slash\\\\file <number:70>.txt",
        ],
    ),
    (
        "prefix-of-key",
        &[
            "events/year=2026/",
            "users/",
            "",
            "tenants/<number:400>/",
            "exports/daily/",
            "résumés/",
        ],
    ),
    (
        "table",
        &[
            "orders",
            "sessions",
            "carts",
            "customers",
            "inventory",
            "idempotency-keys",
            "terraform-locks",
            "feature-flags",
            "audit-entries",
            "rate-limits",
        ],
    ),
    (
        "function",
        &[
            "orders-stream-consumer",
            "thumbnailer",
            "webhook-receiver",
            "nightly-report",
            "authorizer",
            "image-resize-prod",
            "cost-anomaly-notifier",
            "slack-relay",
            "schema-migrator",
            "dead-letter-replayer",
        ],
    ),
    (
        "queue",
        &[
            "orders-events",
            "emails-outbound",
            "thumbnails",
            "orders-events-dlq",
            "billing.fifo",
        ],
    ),
    (
        "topic",
        &[
            "orders-created",
            "alarms-prod",
            "deployments",
            "billing-events",
        ],
    ),
    (
        "log-group",
        &[
            "/aws/lambda/orders-stream-consumer",
            "/ecs/checkout-api",
            "/aws/lambda/thumbnailer",
            "/aws/eks/prod/cluster",
            "/aws/rds/cluster/orders/postgresql",
            "vpc-flow-logs",
            "/aws/codebuild/release",
        ],
    ),
    (
        "secret",
        &[
            "prod/orders/db-Xa1b2C",
            "prod/checkout/payments-k9QwEr",
            "staging/orders/db-Zz8y7X",
            "shared/monitoring-api-key-p0o9i8",
            "prod/jwt/signing-aBcDeF",
        ],
    ),
    (
        "parameter",
        &[
            "/prod/orders/db/host",
            "/prod/orders/db/port",
            "/prod/checkout/feature-flags",
            "/shared/ami/base",
            "/staging/orders/db/host",
            "/prod/search/endpoint",
            "/shared/équipe/contact",
        ],
    ),
    (
        "stack",
        &[
            "network-prod",
            "orders-prod",
            "checkout-prod",
            "observability",
            "CDKToolkit",
            "data-lake",
        ],
    ),
    (
        "repository",
        &[
            "orders",
            "checkout-api",
            "base/java21",
            "thumbnailer",
            "search-indexer",
        ],
    ),
    ("cluster", &["prod", "staging", "batch"]),
    (
        "service",
        &["checkout-api", "orders-worker", "search-indexer", "web"],
    ),
    (
        "database",
        &["orders-prod", "checkout-prod", "reporting", "legacy-erp"],
    ),
    (
        "pipeline",
        &["orders-release", "checkout-release", "infra-apply"],
    ),
    (
        "rule",
        &["nightly-report", "ec2-state-change", "guardduty-to-slack"],
    ),
    ("group", &["asg-web-prod", "asg-workers-prod", "asg-batch"]),
    (
        "alarm",
        &[
            "orders-5xx-high",
            "queue-depth",
            "rds-cpu",
            "Überlastung API",
        ],
    ),
    (
        "user-name",
        &[
            "ci-deploy",
            "backup-bot",
            "metrics-exporter",
            "alice",
            "bob",
        ],
    ),
    (
        "policy",
        &[
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::<account>:policy/app/OrdersTable",
            "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
            "arn:aws:iam::<account>:policy/CheckoutSecrets",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        ],
    ),
    (
        "boundary",
        &[
            "arn:aws:iam::<account>:policy/boundaries/Developer",
            "arn:aws:iam::<account>:policy/CiBoundary",
        ],
    ),
    (
        "control-policy",
        &["p-exampledeny", "p-exampleregn", "p-examplesbox"],
    ),
    (
        "instance-type",
        &[
            "m7g.large",
            "t3.medium",
            "c7i.2xlarge",
            "r6g.xlarge",
            "g5.xlarge",
        ],
    ),
    (
        "tag-value",
        &[
            "orders",
            "platform",
            "prod",
            "data-lake",
            "Équipe paiements",
            "データ基盤",
            "owner \\\"alice\\\"",
            "🔥 on-call",
            "R&D / München",
            "línea 7 – «beta»",
        ],
    ),
    (
        "note",
        &[
            "Managed by Terraform",
            "temporary, remove after the migration",
            "",
            "Créé par l'équipe \\\"réseau\\\" – voir wiki/infra",
            "line one\\nline two\\ttabbed",
            "部署用 🚢",
            "C:\\\\builds\\\\orders",
        ],
    ),
    (
        "statement",
        &[
            "SELECT * FROM \\\"orders\\\" WHERE dt = '2026-01-<number:31>' LIMIT 100",
            "SELECT count(*) FROM events WHERE region = 'eu-west-1' AND status != 200",
            "MSCK REPAIR TABLE events",
        ],
    ),
];
