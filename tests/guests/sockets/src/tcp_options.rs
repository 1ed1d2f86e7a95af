//! TCP: options.

use super::Report;
use super::address::loopback;
use super::tcp::{create, listen};

pub async fn check(report: &mut Report) {
    let socket = create();
    report.line("backlog of 0", socket.set_listen_backlog_size(0));
    report.line("backlog of 5", socket.set_listen_backlog_size(5));
    report.line("keep-alive at first", socket.get_keep_alive_enabled());
    report.line("keep-alive on", socket.set_keep_alive_enabled(true));
    report.line("which is on", socket.get_keep_alive_enabled());
    report.line(
        "keep-alive idle time of 0",
        socket.set_keep_alive_idle_time(0),
    );
    let second = 1_000_000_000;
    report.line(
        "of ten seconds",
        socket.set_keep_alive_idle_time(10 * second),
    );
    report.line("which is so", socket.get_keep_alive_idle_time());
    report.line("of a nanosecond", socket.set_keep_alive_idle_time(1));
    report.line(
        "which is at least something",
        socket.get_keep_alive_idle_time().map(|time| time > 0),
    );
    report.line(
        "keep-alive interval of 0",
        socket.set_keep_alive_interval(0),
    );
    report.line(
        "of ten seconds",
        socket.set_keep_alive_interval(10 * second),
    );
    report.line("which is so", socket.get_keep_alive_interval());
    report.line("keep-alive count of 0", socket.set_keep_alive_count(0));
    report.line("of seven", socket.set_keep_alive_count(7));
    report.line("which is so", socket.get_keep_alive_count());
    report.line("hop limit of 0", socket.set_hop_limit(0));
    report.line("of 42", socket.set_hop_limit(42));
    report.line("which is so", socket.get_hop_limit());
    report.line("receive buffer of 0", socket.set_receive_buffer_size(0));
    report.line("of 64 KiB", socket.set_receive_buffer_size(65536));
    report.line(
        "which is there",
        socket.get_receive_buffer_size().map(|size| size >= 65536),
    );
    report.line("send buffer of 0", socket.set_send_buffer_size(0));
    report.line("of 64 KiB", socket.set_send_buffer_size(65536));
    report.line(
        "which is there",
        socket.get_send_buffer_size().map(|size| size >= 65536),
    );
    report.line("of all there is", socket.set_send_buffer_size(u64::MAX));

    let (listener, port, mut accepted) = listen();
    listener.set_hop_limit(42).expect("a hop limit");
    listener.set_keep_alive_enabled(true).expect("keep-alive");
    report.line(
        "backlog while listening",
        listener.set_listen_backlog_size(9),
    );
    let client = create();
    client.connect(loopback(port)).await.expect("a connection");
    let server = accepted.next().await.expect("a connection");
    report.line("an accepted one has the hop limit", server.get_hop_limit());
    report.line("and the keep-alive", server.get_keep_alive_enabled());
    report.line(
        "backlog of a connected one",
        client.set_listen_backlog_size(9),
    );
    report.line("hop limit of a connected one", client.set_hop_limit(43));
}
