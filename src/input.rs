//! Reading what a person or a configuration names: never more than fits, and never for ever. A device may have no end, a pipe
//! nobody who writes to it.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// The most that is read of a file of configuration, variables, settings or credentials, in bytes.
pub const MOST_TEXT: u64 = 16 << 20;
/// The most that is read of a state, in bytes.
pub const MOST_STATE: u64 = 512 << 20;
/// The most that is read of what does not begin as JSON does, and so is no state: enough to say what it is.
const MOST_OF_OTHERS: u64 = 1 << 20;
/// How long a pipe may be silent.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a pipe may be without anybody who writes to it.
const LONELY: Duration = Duration::from_secs(1);
/// How often a silent pipe is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// The text of a file.
///
/// # Errors
/// It cannot be read, is larger than [`MOST_TEXT`] or no UTF-8, or is a pipe that stays silent.
pub fn text(path: &Path) -> std::io::Result<String> {
    text_within(path, MOST_TEXT)
}

/// The text of a file that may have so many bytes.
///
/// # Errors
/// As [`text`].
pub fn text_within(path: &Path, most: u64) -> std::io::Result<String> {
    String::from_utf8(bytes(path, most)?)
        .map_err(|_| Error::new(ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// The bytes of a file that may have so many.
///
/// # Errors
/// It cannot be read, is larger, or is a pipe that stays silent.
pub fn bytes(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    take(&mut opened(path)?, most, &mut out)?;
    Ok(out)
}

/// The bytes of a file that should be a state: of one that does not begin like JSON no more than tells what it is.
///
/// # Errors
/// As [`bytes`].
pub fn state(path: &Path) -> std::io::Result<Vec<u8>> {
    state_of(&mut opened(path)?)
}

/// The same of a stream.
///
/// # Errors
/// As [`bytes`].
pub fn state_of(stream: &mut dyn Read) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut part = [0; 4096];
    while out.len() < part.len() {
        match stream.read(&mut part)? {
            0 => return Ok(out),
            count => out.extend_from_slice(&part[..count]),
        }
    }
    let most = if begins_as_json(&out) {
        MOST_STATE
    } else {
        MOST_OF_OTHERS
    };
    take(stream, most, &mut out)?;
    Ok(out)
}

/// Whether a text begins with an object, in any encoding that is told from others by a mark.
fn begins_as_json(bytes: &[u8]) -> bool {
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || bare.trim_ascii_start().first() == Some(&b'{')
}

/// Reads the rest of a stream.
fn take(stream: &mut dyn Read, most: u64, out: &mut Vec<u8>) -> std::io::Result<()> {
    let have = u64::try_from(out.len()).unwrap_or(u64::MAX);
    let left = most.saturating_sub(have).saturating_add(1);
    stream.take(left).read_to_end(out)?;
    if u64::try_from(out.len()).unwrap_or(u64::MAX) <= most {
        return Ok(());
    }
    let larger = format!("it is larger than {} MB, the most that is read", most >> 20);
    Err(Error::new(ErrorKind::FileTooLarge, larger))
}

/// A file, opened without waiting for anybody at the other end.
fn opened(path: &Path) -> std::io::Result<Box<dyn Read>> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    let mut options = std::fs::OpenOptions::new();
    let flags = i32::try_from(flags).unwrap_or(0);
    let file = options.read(true).custom_flags(flags).open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        return Err(Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    if kind.is_fifo() || kind.is_char_device() {
        return Ok(Box::new(Pipe {
            file,
            spoke: false,
            lonely: kind.is_fifo(),
        }));
    }
    Ok(Box::new(file))
}

/// A pipe or device, read with patience.
struct Pipe {
    file: File,
    /// Whether anything came yet.
    spoke: bool,
    /// Whether an end before anything came may mean that who writes has not come yet.
    lonely: bool,
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let start = Instant::now();
        loop {
            let silent = match self.file.read(into) {
                Ok(0) if self.lonely && !self.spoke => LONELY,
                Err(error) if error.kind() == ErrorKind::WouldBlock => PATIENCE,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => {
                    self.spoke = true;
                    return other;
                }
            };
            if start.elapsed() < silent {
                std::thread::sleep(PAUSE);
                continue;
            }
            if silent == LONELY {
                // Who wrote nothing and went away, or who never came.
                return Err(Error::new(
                    ErrorKind::TimedOut,
                    "nobody writes to this pipe",
                ));
            }
            let nothing = format!("nothing came out of it for {} seconds", silent.as_secs());
            return Err(Error::new(ErrorKind::TimedOut, nothing));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn what_has_no_end_is_an_error() {
        let error = bytes(Path::new("/dev/zero"), 1 << 20).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it is larger than 1 MB, the most that is read"
        );
        let error = state(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(bytes(Path::new("/dev/null"), 10).unwrap(), b"");
    }

    #[test]
    fn a_file_is_read_up_to_its_last_byte() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[b'x'; 5000]).unwrap();
        assert_eq!(bytes(file.path(), 5000).unwrap().len(), 5000);
        assert!(bytes(file.path(), 4999).is_err());
        assert_eq!(state(file.path()).unwrap().len(), 5000);
    }

    #[test]
    fn a_pipe_is_read_and_one_without_a_writer_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let error = text(&pipe).unwrap_err();
        assert_eq!(error.to_string(), "nobody writes to this pipe");
        let to = pipe.clone();
        let writing = std::thread::spawn(move || {
            let mut pipe = std::fs::OpenOptions::new().write(true).open(to).unwrap();
            pipe.write_all(b"one ").unwrap();
            std::thread::sleep(Duration::from_millis(50));
            pipe.write_all(b"two").unwrap();
        });
        assert_eq!(text(&pipe).unwrap(), "one two");
        writing.join().unwrap();
    }
}
