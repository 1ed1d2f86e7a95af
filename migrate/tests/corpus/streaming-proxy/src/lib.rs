//! A proxy that splices both bodies, with one loop of `poll` for both directions.

use wasip2::http::types::*;
use wasip2::io::poll::{Pollable, poll};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

struct Proxy;

wasip2::http::proxy::export!(Proxy);

/// One direction of the exchange.
struct Flow {
    from: Option<InputStream>,
    to: Option<OutputStream>,
    moved: u64,
}

enum State {
    WaitingToRead(Pollable),
    WaitingToWrite(Pollable),
    Over,
}

impl Flow {
    fn new(from: InputStream, to: OutputStream) -> Self {
        Flow { from: Some(from), to: Some(to), moved: 0 }
    }

    fn state(&self) -> State {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => match to.check_write() {
                Ok(0) => State::WaitingToWrite(to.subscribe()),
                Ok(_) => State::WaitingToRead(from.subscribe()),
                Err(_) => State::Over,
            },
            _ => State::Over,
        }
    }

    /// Moves what can be moved now.
    fn step(&mut self) -> Result<(), StreamError> {
        let (Some(from), Some(to)) = (&self.from, &self.to) else {
            return Ok(());
        };
        let room = to.check_write()?;
        if room == 0 {
            return Ok(());
        }
        match to.splice(from, room) {
            Ok(moved) => {
                self.moved += moved;
                Ok(())
            }
            Err(StreamError::Closed) => {
                to.blocking_flush()?;
                self.from = None;
                self.to = None;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state(), State::Over)
    }
}

/// Both at once, until both are over.
fn pump(flows: &mut [Flow]) -> Result<u64, StreamError> {
    while !flows.iter().all(Flow::is_over) {
        let states: Vec<(usize, State)> = flows.iter().map(Flow::state).enumerate().collect();
        let mut indices = vec![];
        let mut pollables = vec![];
        for (index, state) in &states {
            match state {
                State::WaitingToRead(pollable) | State::WaitingToWrite(pollable) => {
                    indices.push(*index);
                    pollables.push(pollable);
                }
                State::Over => {}
            }
        }
        let ready = poll(&pollables);
        drop(pollables);
        // Pollables go before what they are of.
        drop(states);
        for at in ready {
            flows[indices[at as usize]].step()?;
        }
    }
    Ok(flows.iter().map(|flow| flow.moved).sum())
}

fn upstream(request: &IncomingRequest) -> Result<OutgoingRequest, ErrorCode> {
    let headers = Fields::from_list(
        &request.headers().entries().into_iter().filter(|(name, _)| name != "host").collect::<Vec<_>>(),
    )
    .map_err(|error| ErrorCode::InternalError(Some(format!("{error:?}"))))?;
    let outgoing = OutgoingRequest::new(headers);
    let authority = request.headers().get("x-upstream").pop().unwrap_or_else(|| b"localhost".to_vec());
    outgoing.set_method(&request.method()).map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
    outgoing.set_scheme(Some(&Scheme::Http)).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    outgoing
        .set_authority(Some(&String::from_utf8_lossy(&authority)))
        .and_then(|()| outgoing.set_path_with_query(request.path_with_query().as_deref()))
        .map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    Ok(outgoing)
}

fn exchange(request: IncomingRequest, out: ResponseOutparam) -> Result<u64, ErrorCode> {
    let internal = |()| ErrorCode::InternalError(None);
    let outgoing = upstream(&request)?;
    let (own, theirs) = (request.consume().map_err(internal)?, outgoing.body().map_err(internal)?);
    let future = wasip2::http::outgoing_handler::handle(outgoing, None)?;
    let mut flows = vec![Flow::new(own.stream().map_err(internal)?, theirs.write().map_err(internal)?)];
    let mut moved = pump(&mut flows).map_err(|_| ErrorCode::ConnectionTerminated)?;
    drop(flows);
    OutgoingBody::finish(theirs, None)?;
    future.subscribe().block();
    let response = future.get().ok_or(ErrorCode::InternalError(None))?.map_err(internal)??;
    let answer = OutgoingResponse::new(response.headers().clone());
    answer.set_status_code(response.status()).map_err(internal)?;
    let (theirs, own) = (response.consume().map_err(internal)?, answer.body().map_err(internal)?);
    ResponseOutparam::set(out, Ok(answer));
    let (from, to) = (theirs.stream().map_err(internal)?, own.write().map_err(internal)?);
    loop {
        match to.blocking_splice(&from, 1 << 20) {
            Ok(count) => moved += count,
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(_)) => return Err(ErrorCode::ConnectionTerminated),
        }
    }
    drop((from, to));
    OutgoingBody::finish(own, None)?;
    Ok(moved)
}

impl wasip2::exports::http::incoming_handler::Guest for Proxy {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        match exchange(request, out) {
            Ok(moved) => eprintln!("{moved} bytes"),
            Err(code) => eprintln!("{code:?}"),
        }
    }
}
