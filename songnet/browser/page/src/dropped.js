/** The files that a visitor drops, with those in dropped folders. */

// By the endings of names: what lies in a folder beside songs is passed over.
const SONG = /\.(mp3|wav|flac|ogg|oga|opus|m4a|mp4|aac|aiff?|webm|wma)$/i;

/**
 * @param {DataTransfer} transfer - of the event that is being handled
 * @returns {Promise<File[]>} in the order of their names within a folder
 */
export async function droppedFiles(transfer) {
  // What is dropped can be asked for during the event alone.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const files = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  const found = await Promise.all(entries.map((entry) => (entry ? filesOf(entry) : [])));
  return found.flat();
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function filesOf(entry) {
  if (entry.isFile) {
    const { file } = /** @type {FileSystemFileEntry} */ (entry);
    return [await new Promise((resolve, reject) => file.call(entry, resolve, reject))];
  }
  const children = (await childrenOf(/** @type {FileSystemDirectoryEntry} */ (entry)))
    .filter(({ name, isDirectory }) => !name.startsWith(".") && (isDirectory || SONG.test(name)))
    .sort((a, b) => a.name.localeCompare(b.name));
  return (await Promise.all(children.map(filesOf))).flat();
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>}
 */
async function childrenOf(folder) {
  const reader = folder.createReader();
  const all = [];
  // A reader gives a hundred at a time, and none when it is done.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}
