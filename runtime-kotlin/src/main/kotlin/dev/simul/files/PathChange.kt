// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import java.nio.file.Path

/**
 * A change that [watch] tells of.
 *
 * Source: the pairs of `watchfiles.awatch`.
 *
 * @property kind what has happened.
 * @property path the file or directory that it has happened to; of an overflow, the directory that is watched.
 */
@JvmRecord
public data class PathChange(
    val kind: Kind,
    val path: Path,
) {
    /** What has happened to a path. */
    public enum class Kind {
        /** It is new in its directory: made there, or moved there. */
        CREATED,

        /** Its contents or its attributes have changed. */
        MODIFIED,

        /** It is no longer in its directory: deleted, or moved away. */
        DELETED,

        /** Changes were lost, since there were too many: look at the directory. */
        OVERFLOW,
    }
}
