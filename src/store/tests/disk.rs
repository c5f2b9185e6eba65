//! Disks that are full and folders that cannot be written to.

use std::process::Command;

use super::*;

/// A file system of its own, of so many KiB; `None` where one may not be mounted.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn mount(kib: u32) -> Option<Disk> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={kib}k");
        let mounted = run("mount", &["-t", "tmpfs", "-o", &size, "naskh-test", folder.path().to_str().unwrap()]);
        if !mounted {
            eprintln!("skipped: mounting a file system takes root");
        }
        mounted.then_some(Disk { folder })
    }

    fn index(&self) -> std::path::PathBuf {
        self.folder.path().join("index")
    }

    fn remount(&self, how: &str) -> bool {
        run("mount", &["-o", &format!("remount,{how}"), self.folder.path().to_str().unwrap()])
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run("umount", &[self.folder.path().to_str().unwrap()]);
    }
}

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_full_disk_is_an_error_and_what_was_acknowledged_is_there() {
    let Some(disk) = Disk::mount(3000) else { return };
    create(&disk.index(), "", FINGERPRINT).unwrap();
    let mut writer = open(&disk.index());
    let mut acknowledged = 0;
    let error = loop {
        let number = acknowledged;
        let done = (number..number + 10).try_for_each(|number| add(&mut writer, 1, number, None).map(drop));
        match done.and_then(|()| writer.commit()) {
            Ok(()) => acknowledged += 10,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(&error, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull),
        "{error:?}"
    );
    assert!(acknowledged > 50, "{acknowledged}");
    let there = |view: &View| (0..acknowledged).all(|n| view.find(&format!("article-{n}")).unwrap().is_some());
    assert!(there(&writer));
    assert_eq!(writer.sequence(), u64::from(acknowledged));
    drop(writer);
    assert!(there(&Reader::open(&disk.index(), FINGERPRINT).unwrap().snapshot().unwrap()));
    assert_eq!(check(&disk.index()).unwrap(), Vec::<String>::new());
    // With more room it goes on.
    assert!(disk.remount("size=9000k"));
    let mut writer = open(&disk.index());
    add(&mut writer, 1, acknowledged, None).unwrap();
    writer.commit().unwrap();
}

#[test]
fn a_folder_that_cannot_be_written_to_can_be_read() {
    let Some(disk) = Disk::mount(9000) else { return };
    create(&disk.index(), "", FINGERPRINT).unwrap();
    let mut writer = open(&disk.index());
    add(&mut writer, 1, 1, None).unwrap();
    writer.commit().unwrap();
    drop(writer);
    assert!(disk.remount("ro"));
    let refused = Writer::open(&disk.index(), FINGERPRINT).unwrap_err();
    assert!(matches!(&refused, Error::Io { .. }) && refused.to_string().contains("ead-only"), "{refused}");
    assert!(matches!(create(&disk.folder.path().join("another"), "", 1), Err(Error::Io { .. })));
    let mut reader = Reader::open(&disk.index(), FINGERPRINT).unwrap();
    assert!(reader.snapshot().unwrap().find("article-1").unwrap().is_some());
    assert_eq!(check(&disk.index()).unwrap(), Vec::<String>::new());
}
