// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import dev.simul.http.BadMessageException
import dev.simul.http.IncompleteMessageException
import io.ktor.client.plugins.SendCountExceedException
import java.io.EOFException
import java.io.IOException
import java.net.ConnectException
import java.net.UnknownHostException
import java.nio.channels.UnresolvedAddressException
import java.nio.file.AccessDeniedException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystemException
import java.nio.file.NoSuchFileException
import javax.net.ssl.SSLException

/** Why a server could not be asked, in a few words. */
internal fun whyUnanswered(failure: Throwable): String =
    when {
        failure is UnknownHostException || failure is UnresolvedAddressException -> "unknown host"
        failure is ConnectException -> "connection refused"
        failure is SSLException -> "TLS failed: ${oneLine(failure.message.orEmpty())}".take(MOST)
        failure is SendCountExceedException -> "too many redirects"
        failure is BadMessageException -> whyUnread(failure)
        isCutShort(failure) -> "the server closed the connection too early"
        else -> oneLine(failure.message ?: failure.toString()).take(MOST)
    }

/** What is wrong with an answer; who sent it is known. */
private fun whyUnread(failure: BadMessageException): String =
    if (failure.status == HEAD_TOO_LONG) "the answer's headers are longer than ${LONGEST_HEAD / 1024} KB" else failure.problem

/** Ktor's client and that of the JDK say it in many words, which tell how far they had come. */
private fun isCutShort(failure: Throwable) =
    generateSequence(failure) { it.cause }.any {
        it is EOFException || it is IncompleteMessageException || it.message.orEmpty().startsWith("Content-Length mismatch")
    }

/** [text], which strangers may have had a hand in, as it can be shown: in one line, and without what steers terminals. */
internal fun oneLine(text: String): String = text.replace(UNSEEN, " ").trim()

private val UNSEEN = Regex("""[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+\s*""")
private const val MOST = 200

/** The status for heads beyond a limit. */
private const val HEAD_TOO_LONG = 431

/** Why a file could not be written, in a few words. */
internal fun whyUnwritten(failure: IOException): String =
    when (failure) {
        is FileAlreadyExistsException -> "'${failure.file}' is no directory"
        is NoSuchFileException -> "'${failure.file}' cannot be made"
        is AccessDeniedException -> "'${failure.file}' may not be written"
        is FileSystemException -> failure.reason ?: failure.toString()
        else -> failure.message ?: failure.toString()
    }
