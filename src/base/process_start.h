// What a process that holds secrets sees to before all else.
#pragma once

namespace hubkeep {

/// Opens /dev/null on each of the three standard files that is closed: the next file that is opened would get
/// its number, and what is meant for a person would end up in it. Standard output cannot be written to then,
/// so that a lost result is still noticed. False when there is no /dev/null.
bool open_standard_files();

/// No core file, and no look into this process for others of the same user: both would show secrets. Not for
/// the programs that it starts.
void keep_memory_private();

/// Few heaps for all threads: with one for each, what one thread has freed is of no use to the others.
void share_heaps();

/// A terminal that is closed, and a reader that has gone, do not end the process.
void outlive_terminal();

}  // namespace hubkeep
