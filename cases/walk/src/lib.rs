//! Walks the directories that it is given, and prints each entry with its size: files, directories, and where links lead.

use compat_api::cli::{environment, stderr, stdout};
use compat_api::exports::cli::run::Guest;
use compat_api::filesystem::preopens;
use compat_api::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};
use compat_api::wit_bindgen::StreamWriter;
use compat_api::wit_stream;

struct Walk;

compat_api::cli::command::export!(Walk);

impl Guest for Walk {
    async fn run() -> Result<(), ()> {
        let (mut out, lines) = wit_stream::new();
        let written = stdout::write_via_stream(lines);
        let walked = walk_all(&mut out).await;
        drop(out);
        written.await.map_err(|_| ())?;
        match walked {
            Ok(()) => Ok(()),
            Err((path, code)) => {
                let (mut err, message) = wit_stream::new();
                let told = stderr::write_via_stream(message);
                err.write_all(format!("{path}: {code:?}\n").into_bytes())
                    .await;
                drop(err);
                told.await.map_err(|_| ())?;
                Err(())
            }
        }
    }
}

/// What failed, and why.
type Failure = (String, ErrorCode);

/// The preopened directories that the arguments name, or all of them.
async fn walk_all(out: &mut StreamWriter<u8>) -> Result<(), Failure> {
    let wanted: Vec<String> = environment::get_arguments().into_iter().skip(1).collect();
    for (directory, name) in preopens::get_directories() {
        if wanted.is_empty() || wanted.contains(&name) {
            walk(&directory, &name, out).await?;
        }
    }
    Ok(())
}

async fn walk(
    directory: &Descriptor,
    path: &str,
    out: &mut StreamWriter<u8>,
) -> Result<(), Failure> {
    let failed = |path: &str| {
        let path = path.to_owned();
        move |code| (path, code)
    };
    let (entries, read) = directory.read_directory();
    let mut entries = entries.collect().await;
    read.await.map_err(failed(path))?;
    // Directories have no order of their own.
    entries.sort_by(|a, b| a.name.cmp(&b.name));

    for entry in entries {
        let inner = format!("{}/{}", path.trim_end_matches('/'), entry.name);
        let what = match &entry.type_ {
            DescriptorType::Directory => "directory".to_owned(),
            DescriptorType::RegularFile => {
                let stat = directory.stat_at(PathFlags::empty(), entry.name.clone());
                format!("{} bytes", stat.await.map_err(failed(&inner))?.size)
            }
            DescriptorType::SymbolicLink => match directory.readlink_at(entry.name.clone()).await {
                Ok(target) => format!("link to {target}"),
                // It leads out of what we may see.
                Err(ErrorCode::NotPermitted) => "link to elsewhere".to_owned(),
                Err(code) => return Err((inner, code)),
            },
            other => format!("{other:?}"),
        };
        let unwanted = out
            .write_all(format!("{inner}: {what}\n").into_bytes())
            .await;
        if !unwanted.is_empty() {
            // Nobody reads any more, as behind `head`.
            return Ok(());
        }
        if let DescriptorType::Directory = entry.type_ {
            let opened = directory.open_at(
                PathFlags::empty(),
                entry.name,
                OpenFlags::DIRECTORY,
                DescriptorFlags::READ,
            );
            let opened = opened.await.map_err(failed(&inner))?;
            Box::pin(walk(&opened, &inner, out)).await?;
        }
    }
    Ok(())
}
