//! One group per stage and one end to end. By default over a fixture repeated in memory; for real sizes
//! generate archives and name the folder they are in (`tiny`, `small`, `large`, `huge`, or any of them):
//! `cargo xtask generate --preset small --out DIR/small`, then `TRAILWRIGHT_BENCH=DIR cargo bench`.

#![expect(clippy::expect_used, reason = "a bench that cannot start may stop")]

use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use trailwright::aggregate::{Activity, Bounds};
use trailwright::archive::{Archive, LogFile, Opened, Opener, Source, Text, walk};
use trailwright::catalog::Mapper;
use trailwright::classify::Classifier;
use trailwright::decode::{Decoder, Record};
use trailwright::detect::RuleSet;
use trailwright::event::{Message, Reader};
use trailwright::iam::evaluate::{Context, Known, Policies, Policy, Request, evaluate};
use trailwright::iam::{Action, Document};
use trailwright::scan::{Filter, Pipeline, ScanOptions, scan};

/// Files of the archive that is made when none is named.
const FILES: usize = 200;

fn story() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/orders-team/events.jsonl");
    std::fs::read_to_string(path).expect("the fixture").lines().map(str::to_owned).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// The archives to read, by name; a folder that was made lasts as long as the second value.
fn archives() -> (Vec<(String, PathBuf)>, Option<tempfile::TempDir>) {
    if let Some(folder) = std::env::var_os("TRAILWRIGHT_BENCH") {
        let folder = PathBuf::from(folder);
        let presets = ["tiny", "small", "large", "huge"].map(|name| (name.to_owned(), folder.join(name)));
        let there: Vec<_> = presets.into_iter().filter(|(_, path)| path.is_dir()).collect();
        return (if there.is_empty() { vec![("archive".to_owned(), folder)] } else { there }, None);
    }
    let made = tempfile::tempdir().expect("a temporary folder");
    let file = gzip(format!("{{\"Records\":[{}]}}", story().join(",")).as_bytes());
    for at in 0..FILES {
        std::fs::write(made.path().join(format!("{at}.json.gz")), &file).expect("room on disk");
    }
    (vec![("fixture".to_owned(), made.path().to_owned())], Some(made))
}

fn archive(folder: &Path) -> Archive {
    Archive { sources: vec![Source::Path(folder.to_owned())], ..Archive::default() }
}

/// Every record of the story, in one text.
fn text() -> String {
    format!("{{\"Records\":[{}]}}", story().join(","))
}

fn walking(c: &mut Criterion) {
    let (archives, _made) = archives();
    let mut group = c.benchmark_group("walk");
    group.sample_size(10);
    for (name, folder) in &archives {
        let sources = archive(folder);
        group
            .bench_function(name.as_str(), |b| b.iter(|| walk(&sources, 1, 16, &|found| !black_box(found).is_empty())));
    }
    group.finish();
}

fn stages(c: &mut Criterion) {
    let text = text();
    let packed: &'static [u8] = gzip(text.as_bytes()).leak();
    let source = Source::Bytes { name: "bench", bytes: packed };
    let file = LogFile { name: "bench".into(), source, size: 0, delivered: false };
    let mut opener = Opener::new(Default::default(), false);
    let mut decoder = Decoder::default();
    let name: Arc<str> = "bench".into();

    let mut group = c.benchmark_group("stage");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("open and inflate", |b| {
        b.iter(|| {
            let Opened::Text(mut text) = opener.open(&file) else { return };
            while text.more(text.visible().len()) {}
            black_box(text.ended());
        })
    });
    let mut each = |use_it: &mut dyn FnMut(&Record<'_>)| {
        let _ = decoder.records(text.as_bytes(), |record| {
            if let Ok(record) = &record {
                use_it(record);
            }
        });
    };
    group.bench_function("decode", |b| {
        b.iter(|| {
            each(&mut |record| {
                black_box(record.event_time);
            })
        })
    });
    let mut reader = Reader::default();
    group.bench_function("event", |b| {
        b.iter(|| {
            each(&mut |record| {
                let _ = black_box(reader.read(record).map(|event| event.time));
            })
        })
    });
    let mut classifier = Classifier::default();
    group.bench_function("map", |b| {
        b.iter(|| {
            each(&mut |record| {
                if let Ok(event) = reader.read(record) {
                    black_box(classifier.needs(&event, || 0));
                }
            })
        })
    });
    let (filter, rules) = (Filter::default(), RuleSet::default());
    let mut fill = |pipeline: &mut Pipeline<'_>| {
        let mut at = 0;
        each(&mut |record| {
            let _ = pipeline.add(record, &name, at);
            at += 1;
        });
    };
    let mut pipeline = Pipeline::new(&filter, &rules, Bounds::default());
    group.bench_function("aggregate", |b| b.iter(|| fill(&mut pipeline)));
    let mut filled = || {
        let mut pipeline = Pipeline::new(&filter, &rules, Bounds::default());
        fill(&mut pipeline);
        pipeline.activity
    };
    group.bench_function("merge", |b| {
        b.iter_batched(|| (filled(), filled()), |(one, two)| Activity::merge(one, two).settle(), BatchSize::LargeInput)
    });
    group.finish();
}

/// How long it takes to look up what is known of an event, seen before and not.
fn catalog(c: &mut Criterion) {
    let mut group = c.benchmark_group("catalog");
    let mut mapper = Mapper::default();
    group.bench_function("an event seen before", |b| {
        b.iter(|| black_box(mapper.map(black_box("s3.amazonaws.com"), black_box("PutObject"))))
    });
    group.bench_function("an event not seen before", |b| {
        b.iter(|| black_box(Mapper::default().map(black_box("ec2.amazonaws.com"), black_box("RunInstances"))))
    });
    group.finish();
}

fn end_to_end(c: &mut Criterion) {
    let (archives, _made) = archives();
    let mut group = c.benchmark_group("scan");
    group.sample_size(10);
    for (name, folder) in &archives {
        let archive = archive(folder);
        for threads in [1, 2] {
            let options = ScanOptions { threads, ..ScanOptions::default() };
            group.bench_function(format!("{name}, {threads} threads"), |b| b.iter(|| scan(&archive, &options, &())));
        }
    }
    group.finish();
}

/// Taking access-denied messages apart: all of the corpus, and a usual one.
fn messages(c: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/messages.tsv");
    let corpus = std::fs::read_to_string(path).expect("the corpus");
    let texts: Vec<&str> = corpus.lines().skip(1).filter_map(|line| line.split('\t').nth(1)).collect();
    let usual = texts.iter().find(|text| text.contains(" because no identity-based policy")).expect("a usual one");
    let mut group = c.benchmark_group("message");
    group.throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function("corpus", |b| {
        b.iter(|| texts.iter().filter(|text| black_box(Message::parse(text)).is_denial()).count())
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("usual", |b| b.iter(|| black_box(Message::parse(black_box(usual)))));
    group.finish();
}

/// Of a condition key nothing is known but the user's name.
struct NameOnly;

impl Context for NameOnly {
    fn get(&self, key: &str) -> Known<'_> {
        if key == "aws:username" { Known::value("ann") } else { Known::Unknown }
    }
}

/// Decisions by a policy of thirty statements about ten services, as people write them.
fn decisions(c: &mut Criterion) {
    let services = ["s3", "sqs", "sns", "ec2", "iam", "kms", "logs", "lambda", "dynamodb", "states"];
    let statements: Vec<String> = services
        .iter()
        .map(|service| {
            format!(
                r#"{{"Effect":"Allow","Action":["{service}:Get*","{service}:List*"],"Resource":"*"}},
                {{"Effect":"Allow","Action":"{service}:Put*","Resource":"arn:aws:{service}:*:*:home/${{aws:username}}/*"}},
                {{"Effect":"Deny","Action":"{service}:*Key","Resource":"*",
                    "Condition":{{"Bool":{{"aws:MultiFactorAuthPresent":"false"}}}}}}"#
            )
        })
        .collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let document = Document::parse(&text).expect("a policy");
    let policies = Policies { identity: vec![Policy::new("bench", &document)], ..Policies::default() };
    let mut group = c.benchmark_group("evaluate");
    group.throughput(Throughput::Elements(1));
    group.bench_function("compile", |b| b.iter(|| Policy::new("bench", black_box(&document))));
    for (name, action) in [
        ("allowed", "kms:GetKeyPolicy"),
        ("allowed by a variable", "kms:PutKeyPolicy"),
        ("unknown", "kms:GetPublicKey"),
        ("not allowed", "kms:CreateGrant"),
        ("of another service", "glue:GetTable"),
    ] {
        let action: Action = action.parse().expect("an action");
        let resource = "arn:aws:kms:eu-west-1:111122223333:home/ann/key";
        let request = Request { action: &action, resource, context: &NameOnly };
        group.bench_function(name, |b| b.iter(|| black_box(evaluate(&policies, black_box(&request)))));
    }
    group.finish();
}

criterion_group!(benches, walking, stages, messages, catalog, decisions, end_to_end);
criterion_main!(benches);
