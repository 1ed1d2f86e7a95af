//! What fields take, and what is in them then.

use crate::words::{Line, number, text};
use compat_api::http::types::{Fields, Request};
use compat_api::wit_future;
use std::fmt::Write;

/// Does one thing after the other to the same fields.
pub fn each(line: &Line) -> String {
    let mut fields = Fields::new();
    let mut report = String::new();
    for step in line.steps() {
        let name = step.get(1).map(|name| text(name)).unwrap_or_default();
        let values = step.get(2..).unwrap_or_default();
        let came_to = match text(&step[0]).as_str() {
            "append" => format!("{:?}", fields.append(&name, &values[0])),
            "set" => format!("{:?}", fields.set(&name, values)),
            // So many bytes, so many times.
            "fill" => {
                let value = vec![b'x'; number(&values[0]) as usize];
                let mut done = 0;
                let mut end = Ok(());
                while done < number(&values[1]) && end.is_ok() {
                    end = fields.append(&name.replace('#', &done.to_string()), &value);
                    done += u64::from(end.is_ok());
                }
                format!("{done} {end:?}")
            }
            "set-long" => {
                let value = vec![b'x'; number(&values[0]) as usize];
                format!("{:?}", fields.set(&name, &[value]))
            }
            "delete" => format!("{:?}", fields.delete(&name)),
            "take" => shown(fields.get_and_delete(&name)),
            "get" => shown(Ok::<_, ()>(fields.get(&name))),
            "has" => format!("{:?}", fields.has(&name)),
            "all" => entries(&fields),
            "clone" => {
                fields = fields.clone();
                String::new()
            }
            // Those of a request can't be changed.
            "freeze" => {
                let (_, trailers) = wit_future::new(|| Ok(None));
                fields = Request::new(fields, None, trailers, None).0.get_headers();
                String::new()
            }
            other => format!("`{other}` is nothing that can be done"),
        };
        write!(report, "{came_to}; ").expect("a string takes all");
    }
    report
}

/// Makes fields of a list.
pub fn list(line: &Line) -> String {
    let entries: Vec<_> = line
        .steps()
        .map(|step| (text(&step[0]), step[1].clone()))
        .collect();
    match Fields::from_list(&entries) {
        Ok(fields) => self::entries(&fields),
        Err(error) => format!("{error:?}"),
    }
}

fn shown<E: std::fmt::Debug>(values: Result<Vec<Vec<u8>>, E>) -> String {
    let values = values.map(|values| {
        let short = values.iter().map(|value| &value[..value.len().min(50)]);
        short
            .map(|value| value.escape_ascii().to_string())
            .collect::<Vec<_>>()
    });
    format!("{values:?}")
}

/// All of them, in order.
pub fn entries(fields: &Fields) -> String {
    let mut report = String::new();
    for (name, value) in fields.copy_all() {
        let value = &value[..value.len().min(50)];
        write!(report, "{name}={} ", value.escape_ascii()).expect("a string takes all");
    }
    report
}
