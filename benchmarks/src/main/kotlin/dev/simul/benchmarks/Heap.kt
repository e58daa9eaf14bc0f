// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

// A heap that is there from the beginning: else handing out its pages takes the kernel more time than 100,000 tasks do.
internal const val LEAST_HEAP = "-Xms2g"
internal const val MOST_HEAP = "-Xmx2g"
internal const val TOUCHED_HEAP = "-XX:+AlwaysPreTouch"
