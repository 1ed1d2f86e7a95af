use wasi::io::streams::OutputStream;

fn send(out: &OutputStream) {
    // out.flush()
    out /* now */ . flush /* it */ ().unwrap();
}
