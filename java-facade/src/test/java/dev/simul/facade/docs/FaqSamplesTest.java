// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import java.io.IOException;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class FaqSamplesTest {
    @TestFactory
    Stream<DynamicTest> everySamplePrintsWhatThePageShows() throws IOException {
        return PrintedSamples.of("faq.md", FaqSamples.class, Set.of("heardAndUnheard"));
    }
}
