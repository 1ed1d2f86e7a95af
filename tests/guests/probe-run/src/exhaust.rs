//! Takes memory until there is no more, while requests and streams are made as well: who has a memory together with this component
//! needs some of it for these. Then all that was written must be there still.

use crate::probe::{keep, request};
use compat_api::http::types::{Method, Request};
use compat_api::wit_stream;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Memory, and what each byte of it is.
struct Block(u8, Vec<u8>);

impl Block {
    /// A block of so many bytes, if there is memory.
    fn new(size: usize, byte: u8) -> Option<Block> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size).ok()?;
        bytes.resize(size, byte);
        Some(Block(byte, bytes))
    }

    fn is_intact(&self) -> bool {
        self.1.iter().all(|byte| *byte == self.0)
    }
}

/// The method of a request: long.
fn method(number: usize, length: usize) -> String {
    format!("{number}-{}", "a".repeat(length))
}

fn check_methods(requests: &[(Request, String)]) -> Result<(), String> {
    let is_intact = |(request, method): &(Request, String)| matches!(request.get_method(), Method::Other(found) if found == *method);
    match requests.iter().position(|request| !is_intact(request)) {
        Some(number) => Err(format!("the method of request {number} was written to")),
        None => Ok(()),
    }
}

/// Tries it in a memory of 64 MiB.
pub fn exhaust() -> Result<(), String> {
    let mut blocks = Vec::new();
    let mut requests = Vec::new();
    let mut ask = |length| {
        let request = request();
        let method = method(requests.len(), length);
        let done = request.set_method(&Method::Other(method.clone()));
        done.expect("a method may be long");
        requests.push((request, method));
        (0..20).for_each(|_| keep(wit_stream::new::<u8>()));
    };
    for round in 0..60 {
        let size = (round * 37 % 60) * 2 * KIB + round;
        blocks.push(Block::new(size, round as u8).ok_or("no memory for small blocks")?);
        ask((round % 7) * 8 * KIB);
    }

    // Much of the memory is free, but others have grown it since. More than that comes in two pieces: the second is refused.
    let room = Block::new(MIB, 0);
    let large = Block::new(8 * MIB, 1).ok_or("no memory for 8 MiB")?;
    // What is kept is allocated here, so that nothing lies behind the large block.
    drop(room.ok_or("no memory for 1 MiB")?);
    ask(100 * KIB);
    drop(large);
    drop(Block::new(50 * MIB, 2));
    // None of it is lost then.
    drop(Block::new(40 * MIB, 3).ok_or("no memory for 40 MiB")?);

    // Who answers has memory for that from now on.
    check_methods(&requests)?;
    let mut refused = 0;
    let mut size = 16 * MIB;
    while size >= 256 * KIB {
        match Block::new(size + 5 * KIB + 1, blocks.len() as u8) {
            Some(block) => blocks.push(block),
            None => {
                refused += 1;
                size /= 2;
            }
        }
    }
    let taken: usize = blocks.iter().map(|block| block.1.len()).sum();
    if refused != 7 || taken < 40 * MIB {
        return Err(format!("{refused} refused, {taken} bytes taken"));
    }

    let check_blocks = |blocks: &[Block]| match blocks.iter().position(|block| !block.is_intact()) {
        Some(place) => Err(format!("block {place} was written to")),
        None => Ok(()),
    };
    check_blocks(&blocks)?;
    // Half of the memory, once more.
    let mut number = 0;
    blocks.retain(|_| {
        number += 1;
        number % 2 == 0
    });
    while let Some(block) = Block::new(700 * KIB, number) {
        blocks.push(block);
        number += 1;
    }
    check_blocks(&blocks)?;
    // Methods are copied.
    blocks.pop();
    check_methods(&requests)
}
