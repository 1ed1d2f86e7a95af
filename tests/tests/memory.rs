//! A guest that takes all memory there is gets an allocation error, and finds in its memory what it wrote. So does one that was
//! lowered, and shares its memory with modules of ours.

use isyswasfa_tests::probe::{Probed, With, probe};

isyswasfa_tests::on_every_backend! {
    async fn memory_that_ends_is_refused_and_none_is_given_twice(backend) {
        let options = ["-W", "max-memory-size=64M"];
        let came = probe(backend, With::Run, &options, "exhaust", 0).await;
        assert_eq!(came, Probed::Said("Ok(())".into()));
    }
}
