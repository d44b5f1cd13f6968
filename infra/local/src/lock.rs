//! A folder of data belongs to one stack at a time.

use std::fs::File;
use std::path::Path;

use crate::StackError;

/// A folder that is this stack's alone, until this is dropped or the process ends, however it ends.
pub(crate) struct Lock(File);

impl Lock {
    /// Takes the folder, which is made where there is none.
    pub(crate) fn take(folder: &Path) -> Result<Self, StackError> {
        std::fs::create_dir_all(folder)?;
        let file = File::options().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        file.try_lock().map_err(|_| {
            StackError::Data(format!("{} is in use by another stack that is running", folder.display()))
        })?;
        Ok(Self(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // To close the file would not do: a program that is being started right now has inherited it, and holds the lock
        // until it is started.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_free_again_although_a_program_that_is_being_started_still_has_its_file() {
        let folder = std::env::temp_dir().join(format!("roster-{}", crate::ids::uuid()));
        let lock = Lock::take(&folder).unwrap();
        assert!(Lock::take(&folder).is_err());
        let inherited = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(Lock::take(&folder).is_ok());
        drop(inherited);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
