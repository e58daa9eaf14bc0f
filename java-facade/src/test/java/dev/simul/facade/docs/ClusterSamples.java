// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.cluster.ClusterMember;
import dev.simul.cluster.MemberLostException;
import dev.simul.facade.Future;
import dev.simul.facade.cluster.Cluster;
import dev.simul.facade.cluster.ClusterOptions;
import dev.simul.facade.cluster.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;

/** What the guide shows of clusters. */
final class ClusterSamples {
    private ClusterSamples() {}

    static Map<String, Long> countEverywhere() {
        var options = new ClusterOptions().memberName("till 1");
        try (var cluster = await(Cluster.start("shop", List.of("127.0.0.1"), options))) {
            var counts = new HashMap<String, Long>();
            await(cluster.runOnAll(() -> Runtime.getRuntime().totalMemory())).forEach((member, count) -> counts.put(member.name(), count.result()));
            return counts;
        }
    }

    private static int countPrimes(int from, int until) {
        return (int) IntStream.range(Math.max(2, from), until)
                .filter(number -> IntStream.range(2, number).takeWhile(it -> it * it <= number).noneMatch(it -> number % it == 0))
                .count();
    }

    static int primesBelow(Cluster cluster, int limit) {
        var parts = new ArrayList<Future<Integer>>();
        for (int from = 0; from < limit; from += 1_000) {
            int first = from;
            parts.add(cluster.runInExecutor(true, () -> countPrimes(first, first + 1_000)));
        }
        return await(gather(parts)).stream().mapToInt(Integer::intValue).sum();
    }

    static String charge(Cluster cluster, ClusterMember member, int order) {
        try {
            return await(cluster.runOnMember(member, () -> "order " + order + " is paid"));
        } catch (Exception e) {
            if (!(e instanceof MemberLostException lost)) throw e;
            return lost.mayHaveRun()
                    ? "order " + order + ": ask the bank, since " + lost.member().name() + " is gone"
                    : "order " + order + " is not paid";
        }
    }

    static List<String> watchPrices(Cluster cluster) {
        var seen = new ArrayList<String>();
        Topic<String> prices = await(cluster.topic("prices"));
        try (var messages = await(prices.messages())) {
            await(prices.publish("tea 250"));
            await(prices.publish("coffee 320"));
            for (String message : messages) {
                seen.add(message);
                if (seen.size() == 2) break;
            }
        }
        return seen;
    }
}
