//! Where a call comes from: address, user agent, endpoint and TLS. A principal has habits here too.

use super::dice::{below, mix, skewed};
use super::fill::Scene;
use super::principal::Persona;
use super::text;

const CONSOLE: &[&str] = &[
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "AWS Internal",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.233-224.894.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/25.432-b06 java/1.8.0_432 vendor/Oracle_Corporation cfg/retry-mode/standard",
];
const WORKLOAD: &[&str] = &[
    "aws-sdk-java/2.29.12 md/io#async md/http#NettyNio ua/2.1 os/Linux#6.1.115 lang/java#21.0.5 md/OpenJDK_64-Bit_Server_VM#21.0.5+11-LTS md/vendor#Amazon.com_Inc. md/en exec-env/AWS_ECS_FARGATE app/checkout m/D,E,Z",
    "Boto3/1.35.71 md/Botocore#1.35.71 ua/2.0 os/linux#5.10.227-239.884.amzn2.aarch64 md/arch#aarch64 lang/python#3.12.7 md/pyimpl#CPython exec-env/AWS_Lambda_python3.12 cfg/retry-mode#legacy Botocore/1.35.71",
    "aws-sdk-js/3.699.0 ua/2.1 os/linux#5.10.227 lang/js md/nodejs#22.11.0 exec-env/AWS_Lambda_nodejs22.x api/dynamodb#3.699.0 m/E,e",
    "aws-sdk-go-v2/1.32.5 ua/2.1 os/linux lang/go#1.23.3 md/GOOS#linux md/GOARCH#arm64 api/s3#1.67.1 m/E",
    "amazon-ssm-agent/3.3.1611.0 aws-sdk-go/1.55.5 (go1.22.9; linux; arm64)",
    "Hadoop 3.3.6-amzn-5, java/17.0.13 spark/3.5.2-amzn-1 aws-sdk-java/2.28.8 Linux/5.10.227-219.884.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/17.0.13+11-LTS Java/17.0.13 scala/2.12.18 vendor/Amazon.com_Inc. io/sync http/Apache cfg/retry-mode/legacy hll/cross-region",
    "legacy \\\"ERP\\\" connector 4.2 (déploiement n°7; windows\\\\server)",
    "aws-cli/1.18.147 Python/2.7.18 Linux/4.14.355-275.570.amzn2.x86_64 botocore/1.18.6",
];
const PIPELINE: &[&str] = &[
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.77.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.5 ua/2.1 os/linux lang/go#1.23.3 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.190.0 m/E",
    "aws-cli/2.22.4 md/awscrt#0.22.0 ua/2.0 os/linux#6.8.0-1017-azure md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython exec-env/GitHubActions cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.24 md/prompt#off md/command#cloudformation.deploy",
    "APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) terraform-provider-aws/3.76.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go/1.44.157 (go1.19.3; linux; amd64) HashiCorp-terraform-exec/0.17.3",
    "aws-sdk-js/3.699.0 ua/2.1 os/linux#6.8.0 lang/js md/nodejs#20.18.0 api/cloudformation#3.699.0 cdk/2.171.0 m/E,N,e,s",
    "Pulumi/3.142.0 (3.142.0-alpha.1732639200+deadbee; linux) pulumi-aws/6.61.0 aws-sdk-go-v2/1.32.5 ua/2.1 os/linux lang/go#1.23.3 md/GOOS#linux md/GOARCH#amd64 api/iam#1.38.1 APN/1.0 m/E orders/release run/1732639200 commit/0123456789abcdef0123456789abcdef01234567 branch/feature/very-long-branch-name-with-ticket-OPS-1234-and-a-summary-of-the-change actor/deploy-bot workflow/build-test-and-deploy-every-environment matrix/eu-west-1-production attempt/1 runner/self-hosted-arm64-large labels/linux,arm64,large,spot,docker trace/00-0123456789abcdef0123456789abcdef-0123456789abcdef-01 note/this-agent-string-is-long-because-somebody-put-everything-in-it",
];
const PERSON: &[&str] = &[
    "aws-cli/2.22.4 md/awscrt#0.22.0 ua/2.0 os/macos#24.1.0 md/arch#arm64 lang/python#3.12.7 md/pyimpl#CPython cfg/retry-mode#standard md/installer#source md/prompt#off md/command#ec2.describe-instances",
    "Boto3/1.35.71 md/Botocore#1.35.71 ua/2.0 os/macos#24.1.0 md/arch#arm64 lang/python#3.13.0 md/pyimpl#CPython m/Z,b cfg/retry-mode#legacy Botocore/1.35.71",
    "k9s/0.32.7 aws-sdk-go-v2/1.32.5 ua/2.1 os/macos lang/go#1.23.3 md/GOOS#darwin md/GOARCH#arm64",
];
const AUDITOR: &[&str] = &[
    "Boto3/1.34.162 md/Botocore#1.34.162 ua/2.0 os/linux#6.1.112 md/arch#x86_64 lang/python#3.11.10 md/pyimpl#CPython cfg/retry-mode#standard Botocore/1.34.162 posture-scan/7.4.1 (every-region; every-account; https://scanner.example.com/about)",
    "monitoring-integration/2.0 aws-sdk-go/1.55.5 (go1.22.9; linux; amd64)",
];

pub enum Origin {
    /// A service calls; it is the address and the agent as well.
    Service(&'static str),
    Caller {
        agent: &'static str,
        salt: u64,
        private: bool,
    },
}

impl Origin {
    pub fn of(scene: &Scene) -> Self {
        if let Some(host) = scene.made_by() {
            return Self::Service(host);
        }
        let agents = match scene.me.persona {
            _ if scene.console => CONSOLE,
            Persona::Pipeline | Persona::Federated => PIPELINE,
            Persona::Person => PERSON,
            Persona::Root => CONSOLE,
            Persona::Auditor => AUDITOR,
            _ => WORKLOAD,
        };
        // Nine calls in ten come from the same program; so do the addresses.
        let choice = scene.burst_choice("agent");
        let program = if choice.is_multiple_of(10) { choice } else { scene.me.salt };
        let agent = agents[below(program, agents.len() as u64) as usize];
        let salt = mix(scene.me.salt, skewed(scene.burst_choice("address"), 12));
        let inside = scene.me.persona == Persona::Workload && scene.me.salt % 5 < 3;
        Self::Caller { agent, salt, private: inside }
    }

    pub fn address(&self, persona: Persona, out: &mut Vec<u8>) {
        let (salt, range) = match self {
            Self::Service(host) => return out.extend_from_slice(host.as_bytes()),
            Self::Caller { salt, private: true, .. } => {
                out.extend_from_slice(b"10.");
                text::number(below(mix(*salt, 1), 256), out);
                out.push(b'.');
                text::number(below(mix(*salt, 2), 256), out);
                out.push(b'.');
                return text::number(below(mix(*salt, 3), 256), out);
            }
            Self::Caller { salt, .. } => match persona {
                Persona::Person | Persona::Root => (salt, "192.0.2."),
                Persona::Pipeline | Persona::Auditor => (salt, "198.51.100."),
                _ => (salt, "203.0.113."),
            },
        };
        out.extend_from_slice(range.as_bytes());
        text::number(below(*salt, 256), out);
    }

    /// S3 puts what it was told in brackets.
    pub fn agent(&self, prefix: &str, out: &mut Vec<u8>) {
        match self {
            Self::Caller { agent, .. } if prefix == "s3" => {
                out.push(b'[');
                out.extend_from_slice(agent.as_bytes());
                out.push(b']');
            }
            Self::Caller { agent, .. } | Self::Service(agent) => {
                out.extend_from_slice(agent.as_bytes());
            }
        }
    }

    /// Whether the call came through a VPC endpoint.
    pub fn private(&self) -> bool {
        matches!(self, Self::Caller { private: true, .. })
    }

    /// Calls of services and of the console carry no TLS details.
    pub fn has_tls(&self) -> bool {
        matches!(self, Self::Caller { agent, .. } if *agent != "AWS Internal")
    }
}
