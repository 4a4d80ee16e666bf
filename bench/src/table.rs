// SPDX-License-Identifier: Apache-2.0
//! Contestants take turns, round by round. The result is the median of each round's ratio, since
//! the speed of a machine drifts more than they differ.

use std::time::Instant;

use crate::Result;
use crate::encoders::{
    Contestant, ROUNDS, go127, halves, libdeflate, miniz, ours, program, sha256, zlib_rs,
};
use crate::inputs::Input;

/// The times and sizes of a contestant over all rounds.
struct Record {
    bytes: usize,
    seconds: Vec<f64>,
}

pub(crate) fn print(source: &Input, hard: &[Input]) -> Result<()> {
    let mut all = vec![ours(1), ours(2), ours(4), ours(8), halves()];
    all.extend([go127(1), go127(2), go127(4), go127(8)]);
    all.extend([zlib_rs(), miniz(), libdeflate(9)]);
    all.extend(program("gzip", &["-9"]));
    all.extend(program("pigz", &["-9"]));
    // It takes twenty times as long.
    all.push(Contestant { rounds: 1, ..libdeflate(12) });
    all.push(sha256());
    let records = race(source, &all)?;
    println!(
        "{}, {} bytes, {ROUNDS} rounds; times as long as with 1 thread\n",
        source.name,
        source.bytes.len()
    );
    println!("| | bytes | MB/s | times |\n| --- | --- | --- | --- |");
    for (contestant, record) in all.iter().zip(&records) {
        let speed = source.bytes.len() as f64 / median(record.seconds.clone()) / 1e6;
        let bytes = if record.bytes > 32 { record.bytes.to_string() } else { String::new() };
        println!(
            "| {} | {bytes} | {speed:.1} | {:.2} |",
            contestant.name,
            ratio(record, &records[0])
        );
    }

    let all = [ours(1), ours(2), ours(4), go127(1), go127(2), zlib_rs(), miniz(), libdeflate(9)];
    println!("\nHard inputs; times as long as with 1 thread\n");
    let names: Vec<&str> = all.iter().skip(1).map(|contestant| contestant.name.as_str()).collect();
    println!("| | MB | MB/s | {} |", names.join(" | "));
    println!("| --- | --- | --- |{}", " --- |".repeat(names.len()));
    for input in hard {
        let records = race(input, &all)?;
        let megabytes = input.bytes.len() as f64 / 1e6;
        let speed = megabytes / median(records[0].seconds.clone());
        let ratios: Vec<String> = records
            .iter()
            .skip(1)
            .map(|record| format!("{:.2}", ratio(record, &records[0])))
            .collect();
        println!("| {} | {megabytes:.0} | {speed:.1} | {} |", input.name, ratios.join(" | "));
    }
    Ok(())
}

fn race(input: &Input, all: &[Contestant]) -> Result<Vec<Record>> {
    let mut records: Vec<Record> =
        all.iter().map(|_| Record { bytes: 0, seconds: Vec::new() }).collect();
    for round in 0..ROUNDS {
        let due = all.iter().zip(&mut records).filter(|(one, _)| round < one.rounds);
        for (contestant, record) in due {
            let start = Instant::now();
            record.bytes = (contestant.run)(&input.bytes)?;
            record.seconds.push(start.elapsed().as_secs_f64());
        }
    }
    Ok(records)
}

fn ratio(record: &Record, base: &Record) -> f64 {
    median(record.seconds.iter().zip(&base.seconds).map(|(a, b)| a / b).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
