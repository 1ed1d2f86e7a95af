//! Random operations on a pipe, against a model. `ISYSWASFA_FUZZ_TIMES=N` does N times as many.

mod model;

/// How many sequences are tried.
const SEEDS: u64 = 20_000;

#[test]
fn a_pipe_does_what_its_model_does() {
    let times: u64 = match std::env::var("ISYSWASFA_FUZZ_TIMES") {
        Ok(times) => times.parse().expect("`ISYSWASFA_FUZZ_TIMES` is a number"),
        Err(_) => 1,
    };
    for seed in 0..SEEDS * times {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            // xorshift64*
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
        })
        .take(48)
        .collect();
        let outcome = std::panic::catch_unwind(|| model::run(&bytes));
        assert!(outcome.is_ok(), "seed {seed}: {bytes:?}");
    }
}
