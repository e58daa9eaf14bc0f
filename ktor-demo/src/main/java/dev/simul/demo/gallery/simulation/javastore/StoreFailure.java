// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

/** The store has not kept what it promises; the story tells how that came about. */
public final class StoreFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final transient Story story;

    /** A failure at the end of that story. */
    public StoreFailure(String message, Story story) {
        super(message);
        this.story = story;
    }

    /** What has happened until then. */
    public Story story() {
        return story;
    }
}
