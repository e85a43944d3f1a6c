//! Sockets: TCP, or one in the file system that a killed server may have left behind.

use crate::arguments::Address;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use tokio::net::{TcpListener, UnixListener};

/// A socket that listens. One in the file system is removed when it is dropped.
pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, Socket),
}

/// The file of a socket, and which file it is.
pub struct Socket {
    path: PathBuf,
    inode: Option<(u64, u64)>,
}

impl Socket {
    fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), inode: inode(path) }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Another server may have taken the place while this one drained.
        if inode(&self.path) == self.inode {
            // One that is gone already is as good.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

impl Listener {
    /// Opens the socket, and says how a client writes its address.
    pub async fn open(address: &Address) -> io::Result<(Self, String)> {
        match address {
            Address::Tcp(address) => {
                let listener = TcpListener::bind(address).await?;
                let address = listener.local_addr()?.to_string();
                Ok((Self::Tcp(listener), address))
            }
            Address::Unix(path) => {
                remove_stale(path)?;
                let listener = UnixListener::bind(path)?;
                Ok((Self::Unix(listener, Socket::new(path)), format!("unix:{}", path.display())))
            }
        }
    }
}

/// Takes away a socket that a killed server left behind, and only that.
fn remove_stale(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket()) {
        return Ok(());
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(ErrorKind::AddrInUse, "another server listens there")),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}
