//! The probes: each tries something that an option of the host allows, denies or limits, and says what came of it.

use compat_api::cli::{environment, stderr, stdin, stdout, terminal_stdout};
use compat_api::clocks::monotonic_clock;
use compat_api::filesystem::preopens;
use compat_api::http::types::{ErrorCode, Fields, Method, Request};
use compat_api::random::random;
use compat_api::sockets::ip_name_lookup::resolve_addresses;
use compat_api::sockets::types::{
    IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket, UdpSocket,
};
use compat_api::wit_bindgen::spawn_local;
use compat_api::{wit_future, wit_stream};
use std::any::Any;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

thread_local! {
    /// What is kept until the instance ends.
    static KEPT: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

pub fn keep(what: impl Any) {
    KEPT.with_borrow_mut(|kept| kept.push(Box::new(what)));
}

const MILLISECOND: u64 = 1_000_000;

/// 127.0.0.1
fn loopback(port: u16) -> IpSocketAddress {
    IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port,
        address: (127, 0, 0, 1),
    })
}

/// Tries `what`, so often or so much as `n` says.
pub async fn probe(what: &str, n: usize) -> String {
    match what {
        "environment" => format!("{:?}", environment::get_environment()),
        "cwd" => format!("{:?}", environment::get_initial_cwd()),
        "directories" => preopens::get_directories().len().to_string(),
        "terminal" => terminal_stdout::get_terminal_stdout().is_some().to_string(),
        "stdin" => {
            let (input, _) = stdin::read_via_stream();
            format!("{} bytes", input.collect().await.len())
        }
        "say" => {
            say(b"to stdout\n", b"to stderr\n").await;
            "said".into()
        }
        "command-terminal" => {
            let commands = b"\x1b[2Jcleared\x1b]0;title\x07\r\xff\nplain\n";
            say(commands, commands).await;
            "said".into()
        }
        "tcp" => match TcpSocket::create(IpAddressFamily::Ipv4) {
            Ok(socket) => format!("{:?}", socket.connect(loopback(1)).await),
            Err(error) => format!("no socket: {error:?}"),
        },
        "udp" => match UdpSocket::create(IpAddressFamily::Ipv4) {
            Ok(socket) => format!("{:?}", socket.bind(loopback(0))),
            Err(error) => format!("no socket: {error:?}"),
        },
        "lookup" => format!("{:?}", resolve_addresses("localhost".into()).await.is_ok()),
        "random" => format!("{} bytes", random::get_random_bytes(n as u64).len()),
        "memory" => memory(n),
        "recurse" => recurse(n as u64).to_string(),
        "sleep" => {
            monotonic_clock::wait_for(n as u64 * MILLISECOND).await;
            "slept".into()
        }
        "resources" => {
            (0..n).for_each(|_| keep(Fields::new()));
            format!("{n} fields")
        }
        "headers" => format!("{:?}", Fields::new().append("x", &vec![b'v'; n])),
        "streams" => {
            (0..n).for_each(|_| keep(wit_stream::new::<u8>()));
            format!("{n} streams")
        }
        "tasks" => {
            for _ in 0..n {
                // Not for ever: a command may have to wait for them.
                spawn_local(monotonic_clock::wait_for(1000 * MILLISECOND));
            }
            monotonic_clock::wait_for(MILLISECOND).await;
            format!("{n} tasks")
        }
        "events" => {
            for _ in 0..n {
                event().await;
            }
            format!("{n} events")
        }
        "write" => {
            let (mut writer, mut reader) = wit_stream::new();
            let mut write = pin!(writer.write(vec![0; n]));
            // It stands, whether or not it is taken whole.
            let _ = poll_fn(|cx| Poll::Ready(write.as_mut().poll(cx).is_ready())).await;
            let (_, taken) = reader.read(Vec::with_capacity(n)).await;
            format!("{} bytes", taken.len())
        }
        _ => hold(what, n).await,
    }
}

/// Makes the host hold `n` times some 100 KiB.
async fn hold(what: &str, n: usize) -> String {
    let long = "a".repeat(100 << 10);
    for _ in 0..n {
        match what {
            "methods" => {
                let request = request();
                let done = request.set_method(&Method::Other(long.clone()));
                done.expect("a method may be long");
                keep(request);
            }
            "authorities" => {
                let request = request();
                // Not more than a URI may have.
                let done = request.set_authority(Some(&long[..60_000]));
                done.expect("an authority may be long");
                keep(request);
            }
            "paths" => {
                let request = request();
                let path = format!("/{}", &long[..60_000]);
                request
                    .set_path_with_query(Some(&path))
                    .expect("a path may be long");
                keep(request);
            }
            "fields" => {
                let fields = Fields::new();
                fields.append("x", long.as_bytes()).expect("it fits");
                keep(fields);
            }
            "field-sets" => {
                let fields = Fields::new();
                fields
                    .set("x", &[long.clone().into_bytes()])
                    .expect("it fits");
                keep(fields);
            }
            "field-lists" => {
                let list = [("x".to_owned(), long.clone().into_bytes())];
                keep(Fields::from_list(&list).expect("it fits"));
            }
            "field-clones" => {
                let fields = Fields::new();
                fields.append("x", long.as_bytes()).expect("it fits");
                let copy = fields.clone();
                // Now they are two.
                copy.append("y", b"1").expect("it fits");
                keep((fields, copy));
            }
            "fields-dropped" => Fields::new().append("x", long.as_bytes()).expect("it fits"),
            "codes" => {
                let (writer, reader) = wit_future::new::<Result<(), ErrorCode>>(|| Ok(()));
                let code = ErrorCode::InternalError(Some(long.clone()));
                spawn_local(async move { drop(writer.write(Err(code)).await) });
                keep(reader);
            }
            "trailers" => {
                let fields = Fields::new();
                fields.append("x", long.as_bytes()).expect("it fits");
                let (writer, reader) =
                    wit_future::new::<Result<Option<Fields>, ErrorCode>>(|| Ok(None));
                spawn_local(async move { drop(writer.write(Ok(Some(fields))).await) });
                keep(reader);
            }
            "bytes" => {
                let (mut writer, reader) = wit_stream::new();
                let bytes = long.clone().into_bytes();
                spawn_local(async move { drop(writer.write_all(bytes).await) });
                keep(reader);
            }
            _ => return format!("no such probe: {what}"),
        }
        // What was spawned has its turn.
        monotonic_clock::wait_for(1000).await;
    }
    format!("{n} {what}")
}

pub fn request() -> Request {
    Request::new(Fields::new(), None, wit_future::new(|| Ok(None)).1, None).0
}

async fn say(to_stdout: &[u8], to_stderr: &[u8]) {
    let (mut out, lines) = wit_stream::new();
    let written = stdout::write_via_stream(lines);
    out.write_all(to_stdout.to_vec()).await;
    drop(out);
    let _ = written.await;
    let (mut err, lines) = wit_stream::new();
    let written = stderr::write_via_stream(lines);
    err.write_all(to_stderr.to_vec()).await;
    drop(err);
    let _ = written.await;
}

/// Takes `n` MiB of memory.
fn memory(n: usize) -> String {
    let mut bytes: Vec<u8> = Vec::new();
    match bytes.try_reserve_exact(n << 20) {
        Ok(()) => {
            let text = format!("{n} MiB");
            keep(bytes);
            text
        }
        Err(_) => "no memory".into(),
    }
}

#[inline(never)]
fn recurse(n: u64) -> u64 {
    let mut frame = [n; 64];
    std::hint::black_box(&mut frame);
    match n {
        0 => 0,
        _ => recurse(n - 1) + frame[(n % 64) as usize] % 2,
    }
}

/// Leaves an event for this component: what it reads comes, and it does not look.
async fn event() {
    let (mut writer, mut reader) = wit_stream::new::<u8>();
    let mut read = Box::pin(async move { drop(reader.read(Vec::with_capacity(1)).await) });
    let mut write = Box::pin(async move { drop(writer.write(vec![1]).await) });
    poll_fn(|cx| {
        let _ = read.as_mut().poll(cx);
        let _ = write.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
    keep((read, write));
}
