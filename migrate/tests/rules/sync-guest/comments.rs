struct Tool;

impl /* of */ wasi::exports::cli::run::Guest for Tool {
    /// Runs.
    #[inline] /* it */ fn /* is */ run( /* with nothing */ ) -> Result<(), ()> { // fn run
        Ok(())
    }
}
