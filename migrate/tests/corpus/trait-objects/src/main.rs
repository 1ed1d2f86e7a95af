//! Steps of a pipeline behind `dyn`, in lists and boxes.

use std::collections::HashMap;
use wasip2::cli::stdin::get_stdin;
use wasip2::cli::stdout::get_stdout;
use wasip2::clocks::monotonic_clock;
use wasip2::io::streams::{InputStream, OutputStream};

trait Step {
    fn name(&self) -> &str;
    fn apply(&mut self, text: &str) -> Result<Vec<String>, String>;
    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

struct Delay {
    nanoseconds: u64,
}

impl Step for Delay {
    fn name(&self) -> &str {
        "delay"
    }

    fn apply(&mut self, text: &str) -> Result<Vec<String>, String> {
        monotonic_clock::subscribe_duration(self.nanoseconds).block();
        Ok(vec![text.to_owned()])
    }
}

struct Print {
    to: OutputStream,
    prefix: String,
}

impl Step for Print {
    fn name(&self) -> &str {
        "print"
    }

    fn apply(&mut self, text: &str) -> Result<Vec<String>, String> {
        let line = format!("{}{text}\n", self.prefix);
        self.to
            .blocking_write_and_flush(line.as_bytes())
            .map_err(|error| format!("{error:?}"))?;
        Ok(vec![text.to_owned()])
    }

    fn finish(&mut self) -> Result<(), String> {
        self.to.blocking_flush().map_err(|error| format!("{error:?}"))
    }
}

#[derive(Default)]
struct Count(HashMap<String, u32>);

impl Step for Count {
    fn name(&self) -> &str {
        "count"
    }

    fn apply(&mut self, text: &str) -> Result<Vec<String>, String> {
        for word in text.split(' ') {
            *self.0.entry(word.to_owned()).or_default() += 1;
        }
        Ok(text.split(' ').map(str::to_owned).collect())
    }
}

struct Pipeline {
    steps: Vec<Box<dyn Step>>,
    failed: Vec<String>,
}

impl Pipeline {
    fn pass(&mut self, text: String) -> Result<(), String> {
        let mut texts = vec![text];
        for step in self.steps.iter_mut() {
            let mut next = Vec::new();
            for text in &texts {
                match step.apply(text) {
                    Ok(more) => next.extend(more),
                    Err(message) => self.failed.push(format!("{}: {message}", step.name())),
                }
            }
            texts = next;
        }
        match self.failed.first() {
            Some(message) => Err(message.clone()),
            None => Ok(()),
        }
    }
}

fn finish_all(steps: &mut [Box<dyn Step>]) -> Result<(), String> {
    for step in steps {
        one(step.as_mut())?;
    }
    Ok(())
}

fn one(step: &mut dyn Step) -> Result<(), String> {
    step.finish()
}

fn everything(from: &InputStream) -> String {
    let mut all = Vec::new();
    while let Ok(bytes) = from.blocking_read(1 << 16) {
        all.extend(bytes);
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn main() -> Result<(), String> {
    let mut pipeline = Pipeline {
        steps: vec![
            Box::new(Delay { nanoseconds: 1_000 }),
            Box::new(Print { to: get_stdout(), prefix: "> ".to_owned() }),
            Box::new(Count::default()),
        ],
        failed: Vec::new(),
    };
    for line in everything(&get_stdin()).lines() {
        pipeline.pass(line.to_owned())?;
    }
    finish_all(&mut pipeline.steps)
}
