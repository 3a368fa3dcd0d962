//! One group per stage and one end to end. By default over a fixture repeated in memory; for real sizes
//! generate an archive and name it:
//! `cargo xtask generate --preset small --out DIR`, then `TRAILWRIGHT_BENCH=DIR cargo bench`.

#![expect(clippy::expect_used, reason = "a bench that cannot start may stop")]

use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use trailwright::aggregate::{Activity, Call, Sample};
use trailwright::archive::{Archive, LogFile, Opener, Source, walk};
use trailwright::catalog::Mapper;
use trailwright::classify::classify;
use trailwright::decode::Decoder;
use trailwright::event::Event;
use trailwright::scan::{ScanOptions, scan};

/// Files of the archive that is made when none is named.
const FILES: usize = 200;

struct Files {
    folder: PathBuf,
    _made: Option<tempfile::TempDir>,
}

fn archive() -> Files {
    if let Some(folder) = std::env::var_os("TRAILWRIGHT_BENCH") {
        return Files { folder: folder.into(), _made: None };
    }
    let made = tempfile::tempdir().expect("a temporary folder");
    let file = gzip(format!("{{\"Records\":[{}]}}", story().join(",")).as_bytes());
    for at in 0..FILES {
        std::fs::write(made.path().join(format!("{at}.json.gz")), &file).expect("room on disk");
    }
    Files { folder: made.path().to_path_buf(), _made: Some(made) }
}

fn story() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/orders-team/events.jsonl");
    std::fs::read_to_string(path).expect("the fixture").lines().map(str::to_owned).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn stages(c: &mut Criterion) {
    let sample = archive();
    let sources = Archive { sources: vec![Source::Path(sample.folder.clone())], ..Archive::default() };
    c.bench_function("walk", |b| {
        b.iter(|| {
            walk(&sources, 1, &|found| {
                black_box(found);
                true
            })
        })
    });

    let text = format!("{{\"Records\":[{}]}}", story().join(","));
    let packed: &'static [u8] = gzip(text.as_bytes()).leak();
    let source = Source::Bytes { name: "bench", bytes: packed };
    let file = LogFile { name: "bench".into(), source, size: 0, delivered: false };
    let mut opener = Opener::new(Default::default());
    let mut decoder = Decoder::default();
    let mut mapper = Mapper::default();
    let name: Arc<str> = "bench".into();

    let mut group = c.benchmark_group("stage");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("inflate", |b| b.iter(|| drop(black_box(opener.open(&file)))));
    group.bench_function("decode", |b| {
        b.iter(|| {
            decoder.records(text.as_bytes(), &mut |record| {
                black_box(record.is_ok());
            })
        })
    });
    group.bench_function("event", |b| {
        b.iter(|| {
            decoder.records(text.as_bytes(), &mut |record| {
                let _ = black_box(record.map(|record| Event::read(&record).time));
            })
        })
    });
    group.bench_function("map", |b| {
        b.iter(|| {
            decoder.records(text.as_bytes(), &mut |record| {
                if let Ok(record) = record {
                    black_box(classify(&Event::read(&record), &mut mapper).needs);
                }
            })
        })
    });
    let mut fill = |activity: &mut Activity| {
        let mut at = 0;
        let _ = decoder.records(text.as_bytes(), &mut |record| {
            let Ok(record) = record else { return };
            let event = Event::read(&record);
            let sample =
                Sample { time: event.time, session: event.session, event_id: event.event_id, file: &name, record: at };
            at += 1;
            activity.add(Call::of(classify(&event, &mut mapper), Vec::new()), event.id, &sample);
        });
    };
    let mut activity = Activity::default();
    group.bench_function("aggregate", |b| b.iter(|| fill(&mut activity)));
    group.bench_function("merge", |b| {
        b.iter_batched(
            || {
                let (mut one, mut two) = (Activity::default(), Activity::default());
                fill(&mut one);
                fill(&mut two);
                (one, two)
            },
            |(one, two)| one.merge(two).settle(),
            BatchSize::LargeInput,
        )
    });
    group.finish();
}

fn end_to_end(c: &mut Criterion) {
    let sample = archive();
    let archive = Archive { sources: vec![Source::Path(sample.folder.clone())], ..Archive::default() };
    let mut group = c.benchmark_group("scan");
    group.sample_size(10);
    for threads in [1, 2] {
        let options = ScanOptions { threads, ..ScanOptions::default() };
        group.bench_function(format!("{threads} threads"), |b| b.iter(|| scan(&archive, &options, &())));
    }
    group.finish();
}

criterion_group!(benches, stages, end_to_end);
criterion_main!(benches);
