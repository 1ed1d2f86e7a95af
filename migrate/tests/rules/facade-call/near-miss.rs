use compat_api::wit_bindgen::StreamReader;

struct Input(StreamReader<u8>);

impl Input {
    async fn blocking_read(&mut self, most: usize) -> Vec<u8> {
        self.0.read(Vec::with_capacity(most)).await.1
    }
}

pub async fn first(mut input: Input) -> Option<u8> {
    input.blocking_read(1).await.first().copied()
}
