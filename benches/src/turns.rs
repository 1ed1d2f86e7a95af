//! Contenders, and how they take turns.

use anyhow::Result;
use std::time::{Duration, Instant};

/// One of those that are compared.
pub struct Contender<'a> {
    pub who: &'static str,
    /// How many operations one repetition is.
    pub operations: u64,
    /// Prepares what one turn of so many repetitions needs, which is not measured.
    pub prepare: Box<dyn FnMut(u64) -> Result<()> + 'a>,
    pub repeat: Box<dyn FnMut(u64) -> Result<()> + 'a>,
}

/// How long to measure.
#[derive(Clone, Copy)]
pub enum Effort {
    Quick,
    Full,
}

impl Effort {
    fn rounds(self) -> usize {
        match self {
            Effort::Quick => 5,
            Effort::Full => 21,
        }
    }

    fn turn(self) -> Duration {
        match self {
            Effort::Quick => Duration::from_millis(30),
            Effort::Full => Duration::from_millis(60),
        }
    }
}

/// How long a row takes at most, if five rounds take no longer.
const MOST: Duration = Duration::from_secs(5);

/// The nanoseconds of one operation in each turn, for each contender.
pub fn take(effort: Effort, contenders: &mut [Contender]) -> Result<Vec<(&'static str, Vec<f64>)>> {
    let (mut counts, begin) = (vec![], Instant::now());
    for contender in &mut *contenders {
        counts.push(calibrate(effort, contender)?);
    }
    // Calibrating takes about as long as a round does; a row whose repetitions take long has fewer rounds.
    let fit = MOST.as_secs_f64() / begin.elapsed().as_secs_f64();
    let rounds = (fit as usize).clamp(5, effort.rounds());
    let mut samples: Vec<_> = contenders.iter().map(|it| (it.who, vec![])).collect();
    for _ in 0..rounds {
        for ((contender, count), (_, took)) in contenders.iter_mut().zip(&counts).zip(&mut samples)
        {
            (contender.prepare)(*count)?;
            let time = timed(contender, *count)?;
            took.push(time.as_nanos() as f64 / (*count * contender.operations) as f64);
        }
    }
    Ok(samples)
}

/// How many repetitions fill a turn. It also warms up.
fn calibrate(effort: Effort, contender: &mut Contender) -> Result<u64> {
    let mut count = 1;
    loop {
        (contender.prepare)(count)?;
        let took = timed(contender, count)?;
        if took * 2 > effort.turn() {
            let each = took.as_secs_f64() / count as f64;
            return Ok(((effort.turn().as_secs_f64() / each) as u64).max(1));
        }
        count *= 2;
    }
}

fn timed(contender: &mut Contender, count: u64) -> Result<Duration> {
    let begin = Instant::now();
    (contender.repeat)(count)?;
    Ok(begin.elapsed())
}
